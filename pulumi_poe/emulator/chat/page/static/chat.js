// The conversation with one bot.

import { Answer } from './answer.js';
import { ask, get, Trouble } from './asking.js';
import { announce, isObject, line, make, newId } from './elements.js';
import { Images } from './images.js';
import { counted, dollars, sum } from './money.js';
import { Values } from './values.js';
import { bodyOf, Events, parsed, part, whole } from './wire.js';

/** A conversation: what was said, and the form for what is asked next. */
export class Chat {
  #turns = [];

  #total = '0';

  #answers = 0;

  #unknown = 0;

  #stopping = null;

  #log;

  #question;

  #stream;

  #submit;

  #stopButton;

  #images = null;

  #name = make('bdi');

  #pictures = make('div');

  #sum;

  /** The bot as it is now; null before there is one. */
  bot = null;

  values = null;

  constructor() {
    const [title, question, hint, stream] = [newId(), newId(), newId(), newId()];
    this.#log = make('ol', { class: 'log', 'aria-label': 'Conversation', tabindex: 0 });
    this.#question = make('textarea', {
      id: question, rows: 2, dir: 'auto', 'aria-describedby': hint, onkeydown: (event) => {
        if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
          event.preventDefault();
          this.#send();
        }
      },
    });
    this.#stream = make('input', { type: 'checkbox', id: stream, checked: true });
    this.#submit = make('button', { type: 'submit', class: 'primary' }, 'Send');
    this.#stopButton = make('button', { type: 'button', hidden: true, onclick: () => this.stop() }, 'Stop');
    this.#sum = make('p', { class: 'hint sum' });
    this.element = make('section', { class: 'chat', 'aria-labelledby': title },
      make('div', { class: 'title' }, make('h2', { id: title }, this.#name),
        make('button', { type: 'button', onclick: () => this.#restart() }, 'New conversation')),
      this.#log,
      make('form', { onsubmit: (event) => {
        event.preventDefault();
        this.#send();
      } },
      make('label', { for: question }, 'Your question'),
      this.#question,
      make('p', { class: 'hint', id: hint }, 'Enter sends, Shift+Enter begins a line, Escape stops.'),
      this.#pictures,
      make('div', { class: 'row' }, this.#submit, this.#stopButton,
        make('span', { class: 'check' }, this.#stream, make('label', { for: stream }, 'Stream')), this.#sum)));
  }

  /** Talk to a bot, or to the same one after a change. What was said and set stays, as far as it fits. */
  talkTo(bot) {
    const values = new Values(bot);
    if (this.values) values.keep(this.values);
    [this.bot, this.values] = [bot, values];
    this.#name.replaceChildren(line(bot.handle));
    const takes = takesImages(bot);
    if (takes === (this.#images !== null)) return;
    this.#images = takes ? new Images() : null;
    this.#pictures.replaceChildren(...(takes ? [this.#images.element] : []));
  }

  /** Whether an answer is on its way. */
  get isAnswering() {
    return this.#stopping !== null;
  }

  /** End the answer that is on its way. Its endpoint's call ends too. */
  stop() {
    this.#stopping?.abort();
  }

  #restart() {
    this.stop();
    this.#turns = [];
    [this.#total, this.#answers, this.#unknown] = ['0', 0, 0];
    this.#log.replaceChildren();
    this.#sum.textContent = '';
    this.#question.focus();
    announce('A new conversation');
  }

  async #send() {
    const question = this.#question.value.trim();
    if (this.isAnswering || !question) {
      this.#question.focus();
      return;
    }
    const pictures = this.#images?.take() ?? [];
    const turn = { question, images: pictures.map(({ url }) => url), answer: '' };
    const [bot, turns] = [this.bot, this.#turns];
    const body = JSON.stringify(bodyOf(bot, [...turns, turn], this.values.toSend(), this.#stream.checked));
    const answer = new Answer(bot, turn, body);
    this.#log.append(answer.element);
    this.#question.value = '';
    this.#busy(new AbortController());
    this.#scroll();
    const { id, ...end } = await this.#read(bot, answer, body);
    this.#busy(null);
    const wasAtEnd = this.#isAtEnd();
    answer.over(end);
    if (answer.text && !end.error) turns.push({ ...turn, answer: answer.text });
    else if (turns === this.#turns) this.#giveBack(question, pictures);
    const record = id && await recordOf(id);
    // A new conversation may have begun meanwhile.
    if (turns !== this.#turns) return;
    if (record) answer.figures(record, this.#add(record));
    if (wasAtEnd) this.#scroll();
    announce(spoken(bot, answer, end, record));
  }

  /** What failed is no part of the conversation, and can be asked again. */
  #giveBack(question, pictures) {
    if (this.#question.value) return;
    this.#question.value = question;
    this.#images?.put(pictures);
  }

  /** Read the answer, and say how it ended. */
  async #read(bot, answer, body) {
    let id = null;
    try {
      const response = await ask(`/local-poe/v1${bot.path}`, body, this.#stopping.signal);
      id = response.headers.get('x-request-id');
      const isStream = response.ok && response.headers.get('content-type')?.startsWith('text/event-stream');
      return { id, ...await (isStream ? this.#streamed(bot, response, answer) : readWhole(bot, response, answer)) };
    } catch (error) {
      if (error.name === 'AbortError') return { id, stopped: true };
      return { id, error: error instanceof Trouble ? error.message : 'The local Poe broke off. Does it still run?' };
    }
  }

  async #streamed(bot, response, answer) {
    const events = new Events();
    const decoder = new TextDecoder();
    const end = {};
    const take = (text) => {
      answer.raw += text;
      for (const event of events.feed(text)) {
        const said = part(bot.api, event);
        if (said.text) answer.say(said.text);
        // Some endpoints say all at the end.
        else if (said.whole && !answer.text) answer.say(said.whole);
        if (said.error) end.error = said.error;
        if (said.reason) end.reason = said.reason;
      }
    };
    const reader = response.body.getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      const wasAtEnd = this.#isAtEnd();
      take(decoder.decode(next.value, { stream: true }));
      if (wasAtEnd) this.#scroll();
    }
    take(`${decoder.decode()}\n\n`);
    answer.raw = answer.raw.slice(0, -2);
    return end;
  }

  /** Count an answer in. Gives what all of them cost so far; null where there is nothing to add up. */
  #add(record) {
    if (record.status !== 200) return null;
    this.#answers += 1;
    if (record.cost === null) this.#unknown += 1;
    else this.#total = sum(this.#total, record.cost);
    const unknown = this.#unknown ? `, and ${this.#unknown} of unknown cost` : '';
    const cost = this.#unknown === this.#answers ? 'cost not known' : `${dollars(this.#total)}${unknown}`;
    this.#sum.textContent = `${this.#answers === 1 ? '1 answer' : `${this.#answers} answers`}, ${cost}`;
    return this.#answers > 1 ? this.#total : null;
  }

  #busy(stopping) {
    const hadFocus = document.activeElement === this.#stopButton || document.activeElement === this.#submit;
    this.#stopping = stopping;
    this.#stopButton.hidden = stopping === null;
    this.#submit.hidden = stopping !== null;
    if (hadFocus) (stopping ? this.#stopButton : this.#question).focus();
  }

  #isAtEnd() {
    return this.#log.scrollHeight - this.#log.scrollTop - this.#log.clientHeight < 40;
  }

  #scroll() {
    this.#log.scrollTop = this.#log.scrollHeight;
  }
}

/** Read an answer that is no stream, and say how it ended. */
async function readWhole(bot, response, answer) {
  answer.raw = await response.text();
  const value = parsed(answer.raw);
  if (!isObject(value)) return { error: `The local Poe answered ${response.status} with what is no answer: ${answer.raw}` };
  const said = whole(bot.api, value);
  if (said.text && response.ok) answer.say(said.text);
  return { error: said.error ?? (response.ok ? undefined : `The local Poe answered ${response.status}.`), reason: said.reason };
}

/** What the local Poe has noted of an answer. After a stop it takes a moment until it has. */
async function recordOf(id) {
  for (let wait = 10; wait < 2000; wait *= 2) {
    try {
      const record = await get(`conversations/${encodeURIComponent(id)}`);
      if (record) return record;
    } catch (error) {
      if (error instanceof Trouble) return null;
      throw error;
    }
    await new Promise((resolve) => { setTimeout(resolve, wait); });
  }
  return null;
}

function takesImages(bot) {
  const modalities = isObject(bot.settings) ? bot.settings.input_modalities : null;
  return Array.isArray(modalities) && modalities.includes('image');
}

/** What is said aloud when an answer is over. */
function spoken(bot, answer, end, record) {
  const cost = record?.cost ? ` It took ${counted(record.completion_tokens)} tokens and cost ${dollars(record.cost)}.` : '';
  if (end.error) return `No answer: ${end.error}`;
  return `${bot.handle} ${end.stopped ? 'was stopped' : 'has answered'}: ${answer.text}${cost}`;
}
