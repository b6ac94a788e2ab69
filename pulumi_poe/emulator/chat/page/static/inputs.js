// One input for each kind of control that holds a value.

import { isObject, line, make, named, newId } from './elements.js';

/**
 * What a kind makes: the input, and how it shows a value, undefined being none.
 *
 * @typedef {{element: HTMLElement, show: (value: unknown) => void}} Input
 */

const isNumber = (value) => typeof value === 'number' && Number.isFinite(value);

/** Of each kind: how it is made, and whether a value fits it. */
const KINDS = {
  text_field: { make: text, fits: (value) => typeof value === 'string' },
  text_area: { make: text, fits: (value) => typeof value === 'string' },
  number_field: { make: number, fits: isNumber },
  drop_down: { make: dropDown, fits: (value, control) => valuesOf(control).includes(value) },
  toggle_switch: { make: toggle, fits: (value) => typeof value === 'boolean' },
  slider: {
    make: slider,
    fits: (value, control) => isNumber(value) && !(value < control.min_value) && !(value > control.max_value),
  },
  aspect_ratio: { make: ratios, fits: (value, control) => valuesOf(control).includes(value) },
};

export const isKind = (name) => Object.hasOwn(KINDS, name);

/** Whether a value is one that a control may have. */
export const fits = (control, value) => KINDS[control.control].fits(value, control);

/** What is wrong with a control beside its default. */
export function mistakesIn(control) {
  const found = [];
  if (typeof control.label !== 'string' || !control.label.trim()) found.push('label: is missing');
  if (!('options' in control) && !['drop_down', 'aspect_ratio'].includes(control.control)) {
    if (control.control === 'slider' && !isRange(control)) {
      found.push('min_value, max_value and step: are no range; a number is asked for instead');
    }
    return found;
  }
  if (!Array.isArray(control.options)) found.push('options: is no list');
  else if (!control.options.length) found.push('options: is empty');
  else if (!control.options.every((option) => isObject(option))) found.push('options: not all are objects');
  else if (!valuesOf(control).every((value) => typeof value === 'string')) found.push('options: a value is no text');
  return found;
}

/** The input of a control, with its label and description. `change` gets what somebody sets. */
export function inputOf(control, change) {
  const id = newId();
  const label = typeof control.label === 'string' && control.label.trim() ? control.label : control.parameter_name;
  const description = control.description && make('p', { class: 'hint', id: `${id}-hint` }, named(control.description, 2000));
  const described = { id, 'aria-describedby': description ? `${id}-hint` : null };
  const { element, show } = KINDS[control.control].make(control, described, change, label);
  const isGroup = element.tagName === 'FIELDSET';
  const title = !isGroup && make('label', { for: id }, named(label));
  const inside = control.control === 'toggle_switch' ? [element, title] : [title, element];
  return { element: make('div', { class: `input ${control.control}` }, ...inside, description), show };
}

function text(control, of, change) {
  const element = control.control === 'text_area'
    ? make('textarea', { ...of, rows: 3 }) : make('input', { ...of, type: 'text' });
  element.setAttribute('dir', 'auto');
  if (control.placeholder) element.setAttribute('placeholder', line(control.placeholder));
  element.addEventListener('input', () => change(element.value));
  return { element, show: (value) => { element.value = typeof value === 'string' ? value : ''; } };
}

function number(control, of, change) {
  const limit = (value) => (isNumber(value) ? value : null);
  const changed = () => change(Number.isNaN(element.valueAsNumber) ? undefined : element.valueAsNumber);
  const element = make('input', {
    ...of,
    type: 'number',
    min: limit(control.min_value),
    max: limit(control.max_value),
    step: isNumber(control.step) && control.step > 0 ? control.step : 'any',
    placeholder: control.placeholder ? line(control.placeholder) : null,
    oninput: changed,
    // Emptied, it has the default again.
    onblur: changed,
  });
  const show = (value) => {
    // Half a number is left as it is while somebody types.
    if (document.activeElement !== element) element.value = isNumber(value) ? String(value) : '';
  };
  return { element, show };
}

function toggle(control, of, change) {
  const element = make('input', {
    ...of, type: 'checkbox', role: 'switch', onchange: () => change(element.checked),
  });
  return { element, show: (value) => { element.checked = value === true; } };
}

function isRange(control) {
  const { min_value: least, max_value: most, step } = control;
  return [least, most, step].every(isNumber) && least < most && step > 0;
}

function slider(control, of, change, label) {
  if (!isRange(control)) return number(control, of, change, label);
  const input = make('input', {
    ...of,
    type: 'range',
    min: control.min_value,
    max: control.max_value,
    step: control.step,
    oninput: () => change(input.valueAsNumber),
  });
  const shown = make('output', { for: of.id });
  const show = (value) => {
    input.value = String(isNumber(value) ? value : control.min_value);
    shown.textContent = isNumber(value) ? String(value) : 'not set';
    input.setAttribute('aria-valuetext', shown.textContent);
  };
  return { element: make('span', { class: 'range' }, input, shown), show };
}

/** What a control shows before anybody has set it, where it has no default; undefined where nothing. */
export function atFirst(control) {
  switch (control.control) {
    case 'toggle_switch': return false;
    case 'drop_down': case 'aspect_ratio': return valuesOf(control)[0];
    case 'slider': return control.min_value;
    case 'text_field': case 'text_area': return '';
    default: return undefined;
  }
}

/** The values that a drop_down or an aspect_ratio offers. */
function valuesOf(control) {
  return optionsOf(control).map((option) => option.value ?? `${option.width}:${option.height}`);
}

function optionsOf(control) {
  return Array.isArray(control.options) ? control.options.filter(isObject) : [];
}

function dropDown(control, of, change) {
  const values = valuesOf(control);
  const none = make('option', { value: '' }, 'not set');
  const element = make('select', {
    ...of,
    onchange: () => change(element.value === '' ? undefined : values[Number(element.value)]),
  }, ...optionsOf(control).map((option, at) => make('option', { value: at }, line(option.name ?? values[at], 100))));
  return {
    element,
    show: (value) => {
      const at = values.indexOf(value);
      if (at < 0) element.prepend(none);
      else none.remove();
      element.value = at < 0 ? '' : String(at);
    },
  };
}

function ratios(control, of, change, label) {
  const values = valuesOf(control);
  const group = newId();
  const radios = optionsOf(control).map((option, at) => {
    const radio = make('input', { type: 'radio', name: group, onchange: () => change(values[at]) });
    const box = make('span', { class: 'box', 'aria-hidden': 'true' });
    if (isNumber(option.width) && isNumber(option.height) && option.width > 0 && option.height > 0) {
      const scale = 22 / Math.max(option.width, option.height);
      box.style.width = `${Math.max(2, option.width * scale)}px`;
      box.style.height = `${Math.max(2, option.height * scale)}px`;
    }
    return { radio, element: make('label', { class: 'ratio' }, radio, box, named(values[at], 40)) };
  });
  return {
    element: make('fieldset', of, make('legend', {}, named(label)),
      make('div', { class: 'ratios' }, ...radios.map(({ element }) => element))),
    show: (value) => radios.forEach(({ radio }, at) => { radio.checked = values[at] === value; }),
  };
}
