// The two formats in which bots are asked: what is sent, and what an answer says.

/**
 * @typedef {{question: string, images: string[], answer: string}} Turn
 * @typedef {{text?: string, whole?: string, error?: string, reason?: string}} Said what one event, or a whole answer,
 *   says; `whole` is all of it again
 */

/** The body of a question: the conversation so far, the question, and the parameters at the top. */
export function bodyOf(bot, turns, parameters, stream) {
  const of = FORMATS[bot.api];
  const messages = turns.flatMap((turn) => [
    { role: 'user', content: of.content(turn) },
    ...(turn.answer ? [{ role: 'assistant', content: turn.answer }] : []),
  ]);
  // The parameters first: none of them can take the place of what makes it a question.
  return { ...parameters, model: bot.handle, [of.messages]: messages, stream };
}

/** What an answer says that is no stream. */
export function whole(api, answer) {
  return { ...FORMATS[api].whole(answer), ...failure(answer) };
}

/** What one event of a stream says. */
export function part(api, event) {
  return { ...FORMATS[api].part(event), ...failure(event) };
}

/** The path of a bot: Poe's own where it is public, else the one that only the local Poe has. */
export function publicPath(bot) {
  return `${bot.is_private ? '/local-poe/v1' : '/v1'}${bot.path}`;
}

const FORMATS = {
  chat_completions_api: {
    messages: 'messages',
    content: (turn) => (turn.images.length ? [
      { type: 'text', text: turn.question },
      ...turn.images.map((url) => ({ type: 'image_url', image_url: { url } })),
    ] : turn.question),
    whole: (answer) => ofChoice(answer?.choices?.[0], answer?.choices?.[0]?.message),
    part: (event) => ofChoice(event?.choices?.[0], event?.choices?.[0]?.delta),
  },
  responses_api: {
    messages: 'input',
    content: (turn) => (turn.images.length ? [
      { type: 'input_text', text: turn.question },
      ...turn.images.map((url) => ({ type: 'input_image', image_url: url })),
    ] : turn.question),
    whole: ofResponse,
    part: (event) => {
      if (event?.type === 'response.output_text.delta' || event?.type === 'response.refusal.delta') {
        return { text: text(event.delta) };
      }
      if (event?.type === 'response.completed') return { whole: ofResponse(event.response).text };
      const ended = ['response.incomplete', 'response.failed'].includes(event?.type);
      return ended ? { ...ofResponse(event.response), text: '' } : {};
    },
  },
};

function ofChoice(choice, message) {
  const reason = choice?.finish_reason;
  return {
    text: text(message?.content) + text(message?.refusal),
    reason: typeof reason === 'string' && reason !== 'stop' ? reason : undefined,
  };
}

function ofResponse(answer) {
  const parts = (Array.isArray(answer?.output) ? answer.output : [])
    .flatMap((item) => (Array.isArray(item?.content) ? item.content : []));
  const reason = answer?.incomplete_details?.reason;
  return {
    text: parts.map((each) => text(each?.text) + text(each?.refusal)).join(''),
    reason: typeof reason === 'string' ? reason : undefined,
    ...failure(answer),
  };
}

function text(value) {
  return typeof value === 'string' ? value : '';
}

/** The message of an error in either format. */
function failure(answer) {
  const error = answer?.error ?? (answer?.type === 'error' ? answer : null);
  if (!error) return {};
  const message = typeof error === 'string' ? error : error.message;
  return { error: typeof message === 'string' && message ? message : 'The endpoint answered with an error.' };
}

/** Hands on what is in each event of a stream. */
export class Events {
  #rest = '';

  #data = [];

  /** @returns {Iterable<unknown>} what is in the events that this text completes, but for what is no JSON */
  * feed(more) {
    const lines = (this.#rest + more).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop();
    for (const each of lines) {
      if (each.startsWith('data:')) {
        this.#data.push(each.slice(5));
      } else if (!each && this.#data.length) {
        const event = parsed(this.#data.join('\n'));
        this.#data = [];
        if (event !== undefined) yield event;
      }
    }
  }
}

/** What a text is as JSON; undefined where it is none, such as [DONE]. */
export function parsed(json) {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
