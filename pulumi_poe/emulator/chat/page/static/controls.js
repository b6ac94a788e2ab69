// A bot's parameter_controls, rendered as what they are. Nobody has checked them, so anything may be there.

import { holds, mistakeIn } from './conditions.js';
import { isObject, line, make, mistakes, named } from './elements.js';
import { fits, inputOf, isKind, mistakesIn } from './inputs.js';
import { tabs } from './tabs.js';

const DEEPEST = 20;

/** The controls of one bot on the page. */
export class Controls {
  #values;

  #inputs = [];

  #conditions = [];

  #mistakes = [];

  constructor(bot, values) {
    this.#values = values;
    const sections = this.#sections(bot.parameter_controls);
    this.isEmpty = !this.#inputs.length && !this.#mistakes.length;
    this.element = make('div', { class: 'controls' },
      mistakes('What is wrong with its parameter_controls:', this.#mistakes),
      ...sections,
      this.#inputs.length && make('button', { type: 'button', onclick: () => this.#clear() }, 'Back to the defaults'));
    this.#refresh();
  }

  #sections(controls) {
    if (controls === undefined || controls === null) return [];
    if (!isObject(controls) || !Array.isArray(controls.sections)) {
      this.#mistakes.push(isObject(controls) ? 'sections: is no list' : 'is no object');
      return [];
    }
    if (controls.api_version !== '2') this.#mistakes.push('api_version: is not "2"');
    return controls.sections.map((section, at) => this.#section(section, `sections[${at}]`));
  }

  #section(section, path) {
    if (!isObject(section)) {
      this.#mistakes.push(`${path}: is no object`);
      return null;
    }
    const [hasControls, hasTabs] = ['controls', 'tabs'].map((name) => section[name] !== undefined && section[name] !== null);
    if (hasControls === hasTabs) this.#mistakes.push(`${path}: has ${hasTabs ? 'both' : 'neither'} controls and tabs`);
    const content = [
      hasControls && this.#list(section.controls, `${path}.controls`, 0),
      hasTabs && this.#tabs(section, path),
    ];
    const name = section.name ? named(section.name) : null;
    if (!name && section.collapsed_by_default !== true) return make('div', { class: 'section' }, ...content);
    return make('details', { class: 'section', open: section.collapsed_by_default !== true },
      make('summary', {}, make('h4', {}, name ?? 'More')), ...content);
  }

  #tabs(section, path) {
    if (!Array.isArray(section.tabs)) {
      this.#mistakes.push(`${path}.tabs: is no list`);
      return null;
    }
    const panels = [];
    section.tabs.forEach((tab, at) => {
      if (!isObject(tab)) {
        this.#mistakes.push(`${path}.tabs[${at}]: is no object`);
        return;
      }
      panels.push({
        name: tab.name ? named(tab.name) : `Tab ${at + 1}`,
        content: this.#list(tab.controls, `${path}.tabs[${at}].controls`, 0),
      });
    });
    return panels.length ? tabs(section.name ? line(section.name) : 'Parameters', panels) : null;
  }

  #list(controls, path, depth) {
    const list = make('div', { class: 'list' });
    if (!Array.isArray(controls)) this.#mistakes.push(`${path}: is no list`);
    else list.append(...controls.map((control, at) => this.#control(control, `${path}[${at}]`, depth)).filter(Boolean));
    return list;
  }

  #control(control, path, depth) {
    if (!isObject(control)) {
      this.#mistakes.push(`${path}: is no object`);
      return null;
    }
    if (control.control === 'divider') return make('hr');
    if (control.control === 'condition') return this.#condition(control, path, depth);
    if (!isKind(control.control)) {
      this.#mistakes.push(`${path}.control: ${line(control.control, 40)} is no kind of control; it is left out`);
      return null;
    }
    const name = control.parameter_name;
    if (typeof name !== 'string' || !name) {
      this.#mistakes.push(`${path}.parameter_name: is missing; the control is left out`);
      return null;
    }
    this.#mistakes.push(...mistakesIn(control).map((mistake) => `${path}.${mistake}`));
    const initial = control.default_value;
    if (initial !== undefined && initial !== null && !fits(control, initial)) {
      this.#mistakes.push(`${path}.default_value: is none that a ${control.control} of this kind can have`);
    }
    const { element, show } = inputOf(control, (value) => {
      this.#values.set(name, value);
      this.#refresh();
    });
    this.#inputs.push({ name, element, show });
    return element;
  }

  #condition(control, path, depth) {
    if (depth >= DEEPEST) {
      this.#mistakes.push(`${path}: is too deep; it is left out`);
      return null;
    }
    if (depth) this.#mistakes.push(`${path}: is a condition in a condition, which Poe’s own library refuses`);
    const mistake = mistakeIn(control.condition);
    if (mistake) this.#mistakes.push(`${path}.${mistake}; its controls are always shown`);
    const element = this.#list(control.controls, `${path}.controls`, depth + 1);
    element.classList.add('when');
    if (!mistake) this.#conditions.push({ element, condition: control.condition });
    return element;
  }

  #clear() {
    this.#values.clear();
    this.#refresh();
  }

  /** Show what the values are. */
  #refresh() {
    // What a hidden control had set does not count, which may hide or show further ones.
    for (let round = 0; round <= this.#conditions.length; round += 1) {
      for (const { element, condition } of this.#conditions) {
        element.hidden = !holds(condition, (name) => this.#values.seen(name));
      }
      this.#values.show(new Set(this.#inputs.filter(({ element }) => !element.closest('.when[hidden]'))
        .map(({ name }) => name)));
    }
    for (const { name, show } of this.#inputs) show(this.#values.of(name));
  }
}
