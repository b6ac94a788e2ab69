// Makes elements. Text stays text: nothing here, or anywhere on this page, reads markup.

/** What would move, hide or turn around what stands beside it: controls, and marks of direction. */
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+/g;

/**
 * One element.
 *
 * @param {string} tag
 * @param {Object<string, unknown>} [of] attributes; `onclick` and the like are listeners. What is false or null is left
 *   out. Their names are always this page's own.
 * @param {...(Node|string|null|undefined|false|0)} children strings become text; what is nothing is left out
 * @returns {any}
 */
export function make(tag, of = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(of)) {
    if (typeof value === 'function') made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, String(value));
  }
  made.append(...children.filter(Boolean));
  return made;
}

/** Somebody else's text on one line: no control characters, and not too long. */
export function line(text, longest = 300) {
  const whole = typeof text === 'string' ? text : written(text);
  const shown = whole.slice(0, longest * 2).replace(/[\r\n\t]+/g, ' ').replace(UNSEEN, '\ufffd');
  return shown.length > longest ? `${shown.slice(0, longest)} …` : shown;
}

/** The same in an element of its own, whose direction is its own. */
export function named(text, longest) {
  return make('bdi', {}, line(text, longest));
}

/** Any value as JSON, for people. */
export function written(value) {
  return JSON.stringify(value, null, 2) ?? String(value);
}

/** Whether a value is a JSON object. */
export function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Something raw, which is written when it is opened. */
export function raw(title, text) {
  const shown = make('pre', { tabindex: 0, role: 'group', 'aria-label': title });
  const details = make('details', { ontoggle: () => {
    if (details.open) shown.textContent = text();
  } }, make('summary', {}, title), shown);
  return details;
}

let count = 0;

/** An id that nothing else has. */
export function newId() {
  count += 1;
  return `n${count}`;
}

/** What is wrong with a bot, for its owner. Nothing where nothing is. */
export function mistakes(title, lines) {
  if (!lines.length) return null;
  return make('div', { class: 'mistakes' }, make('p', {}, title),
    make('ul', {}, ...lines.map((each) => make('li', {}, named(each, 1000)))));
}

/** Says something to whoever cannot see the page change. */
export function announce(text) {
  const said = document.getElementById('said');
  said.textContent = '';
  // In a task of its own, so that the same text twice is said twice.
  setTimeout(() => { said.textContent = text; }, 50);
}
