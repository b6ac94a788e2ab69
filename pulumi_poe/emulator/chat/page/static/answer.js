// One question and its answer in the conversation, with what it took.

import { copyButton, curl } from './copying.js';
import { line, make, mistakes, named, raw, written } from './elements.js';
import { counted, dollars, seconds } from './money.js';
import { parsed } from './wire.js';

/** What a question and its answer look like. */
export class Answer {
  text = '';

  raw = '';

  #error = null;

  #said = make('div', { class: 'text', dir: 'auto' });

  #after = make('div', { class: 'after' });

  constructor(bot, turn, body) {
    const pictures = turn.images.length
      && make('p', { class: 'hint' }, turn.images.length === 1 ? 'with 1 picture' : `with ${turn.images.length} pictures`);
    this.element = make('li', {},
      make('div', { class: 'question' }, make('h3', {}, 'You'),
        make('div', { class: 'text', dir: 'auto' }, turn.question), pictures),
      make('div', { class: 'answer', 'aria-busy': 'true' }, make('h3', {}, named(bot.handle)), this.#said, this.#after,
        make('div', { class: 'tools' },
          raw('Raw request', () => written(JSON.parse(body))),
          raw('Raw answer', () => pretty(this.raw)),
          copyButton('Copy as curl', () => curl(bot, body)))));
  }

  /** More of the answer has come. */
  say(text) {
    this.text += text;
    this.#said.append(text);
  }

  /** It is over: by an error, because it was stopped, or for a reason that is not the usual one. */
  over({ error, stopped, reason }) {
    this.element.querySelector('.answer').removeAttribute('aria-busy');
    this.#error = error;
    if (error) this.#after.append(make('p', { class: 'trouble' }, line(error, 1000)));
    if (stopped) this.#after.append(make('p', { class: 'hint' }, 'Stopped.'));
    if (reason) this.#after.append(make('p', { class: 'hint' }, `Ended early: ${line(reason, 60)}.`));
    if (!this.text && !error && !stopped) this.#after.append(make('p', { class: 'hint' }, 'The answer is empty.'));
  }

  /** What the local Poe has counted. */
  figures(record, total) {
    const rows = [];
    if (record.prompt_tokens !== null) {
      const cached = record.cached_tokens ? ` (${counted(record.cached_tokens)} cached)` : '';
      rows.push(['Tokens in', `${counted(record.prompt_tokens)}${cached}`], ['Tokens out', counted(record.completion_tokens)]);
    }
    if (record.seconds !== null) rows.push(['Time', seconds(record.seconds)]);
    if (record.first_token !== null) rows.push(['First token', seconds(record.first_token)]);
    const streamed = record.seconds - record.first_token;
    if (record.stream && record.completion_tokens && record.first_token !== null && streamed > 0.05) {
      rows.push(['Tokens a second', (record.completion_tokens / streamed).toFixed(streamed > 1 ? 1 : 0)]);
    }
    if (record.status === 200) rows.push(['Cost', record.cost === null ? 'not known' : dollars(record.cost)]);
    if (total !== null) rows.push(['So far', dollars(total)]);
    if (rows.length) {
      this.#after.append(make('dl', { class: 'figures' },
        ...rows.map(([name, value]) => make('div', {}, make('dt', {}, name), make('dd', {}, value)))));
    }
    // What is said as the error need not be said again.
    const found = mistakes('For the bot’s owner:', record.notes.filter((note) => note !== this.#error));
    if (found) this.#after.append(found);
  }
}

function pretty(text) {
  const whole = parsed(text);
  return whole === undefined ? text : written(whole);
}
