// Pictures that go with a question, as data: URLs.

import { line, make, newId } from './elements.js';

const MOST = 14 * 2 ** 20;

/** The picker of pictures, for a bot that takes them. */
export class Images {
  #chosen = [];

  #list = make('ul', { class: 'files' });

  #trouble = make('p', { class: 'trouble', role: 'alert' });

  constructor() {
    const id = newId();
    const input = make('input', {
      type: 'file', id, accept: 'image/*', multiple: true, onchange: async () => {
        for (const file of input.files) await this.#add(file);
        input.value = '';
      },
    });
    this.element = make('div', { class: 'images' }, make('label', { for: id }, 'Add pictures'), input, this.#list, this.#trouble);
  }

  /** The pictures, which are then gone from here. */
  take() {
    const taken = this.#chosen;
    this.put([]);
    return taken;
  }

  /** Put back what was taken. */
  put(pictures) {
    this.#chosen = pictures;
    this.#show();
  }

  async #add(file) {
    const url = await read(file);
    const size = this.#chosen.reduce((all, chosen) => all + chosen.url.length, url.length);
    this.#trouble.textContent = size > MOST ? 'These pictures are too large: a question may have 20 MB in all.' : '';
    if (size <= MOST) this.#chosen.push({ name: file.name, url });
    this.#show();
  }

  #show() {
    this.#list.replaceChildren(...this.#chosen.map((chosen) => {
      const name = line(chosen.name, 80);
      const remove = make('button', { type: 'button', 'aria-label': `Remove ${name}`, onclick: () => {
        this.#chosen = this.#chosen.filter((each) => each !== chosen);
        this.#show();
      } }, 'Remove');
      return make('li', {}, make('bdi', {}, name), remove);
    }));
  }
}

function read(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}
