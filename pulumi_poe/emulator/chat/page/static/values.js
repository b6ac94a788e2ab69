// The values of a bot's parameters: what somebody has set, and what holds as long as nobody has.

import { isObject } from './elements.js';
import { atFirst } from './inputs.js';

/** All controls that hold a value, also those in tabs and under conditions. */
export function* controlsIn(value, depth = 0) {
  if (depth > 60) return;
  if (Array.isArray(value)) {
    for (const item of value) yield* controlsIn(item, depth + 1);
  } else if (isObject(value)) {
    if (typeof value.parameter_name === 'string' && typeof value.control === 'string') yield value;
    for (const name of ['sections', 'tabs', 'controls']) yield* controlsIn(value[name], depth + 1);
  }
}

/** The values for one bot. */
export class Values {
  #defaults = new Map();

  /** What conditions see of those that have no default, as `pulumi-poe chat` has it. */
  #atFirst = new Map();

  #set = new Map();

  /** Those whose controls are hidden by a condition. */
  #hidden = new Set();

  #names = new Set();

  constructor(bot) {
    for (const control of controlsIn(bot.parameter_controls)) {
      this.#names.add(control.parameter_name);
      if (control.default_value !== undefined) this.#defaults.set(control.parameter_name, control.default_value);
      if (!this.#atFirst.has(control.parameter_name)) this.#atFirst.set(control.parameter_name, atFirst(control));
    }
    const definitions = isObject(bot.settings) ? bot.settings.param_definitions : null;
    for (const definition of Array.isArray(definitions) ? definitions : []) {
      if (isObject(definition) && typeof definition.param_name === 'string') {
        if ('default_value' in definition) this.#defaults.set(definition.param_name, definition.default_value);
      }
    }
  }

  /** What the endpoint gets, or would get if it were defined; undefined where nothing says it. */
  of(name) {
    return (this.isSent(name) ? this.#set.get(name) : this.#defaults.get(name)) ?? undefined;
  }

  /** What a condition sees of it: where nothing says it, what its control shows. */
  seen(name) {
    return this.of(name) ?? this.#atFirst.get(name);
  }

  /** Whether somebody has set it, and can see it. */
  isSent(name) {
    return this.#set.has(name) && !this.#hidden.has(name);
  }

  set(name, value) {
    if (value === undefined) this.#set.delete(name);
    else this.#set.set(name, value);
  }

  clear() {
    this.#set.clear();
  }

  /** Say which ones have a control that is shown. */
  show(names) {
    this.#hidden = new Set([...this.#names].filter((name) => !names.has(name)));
  }

  /** Take over what somebody has set for the same bot before it was changed. */
  keep(earlier) {
    for (const [name, value] of earlier.#set) if (this.#names.has(name)) this.#set.set(name, value);
  }

  /** The top of the body: what is set. For what is not, the local Poe puts in the default, as Poe does. */
  toSend() {
    return Object.fromEntries([...this.#names].filter((name) => this.isSent(name))
      .map((name) => [name, this.#set.get(name)]));
  }
}
