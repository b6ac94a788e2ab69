// Tabs: one panel of several is shown. The arrow keys go from tab to tab.

import { make, newId } from './elements.js';

/** @param {{name: Node, content: Node}[]} panels */
export function tabs(label, panels) {
  const made = panels.map(({ name, content }) => {
    const [tabId, panelId] = [newId(), newId()];
    return {
      tab: make('button', { type: 'button', role: 'tab', id: tabId, 'aria-controls': panelId }, name),
      panel: make('div', { role: 'tabpanel', id: panelId, 'aria-labelledby': tabId }, content),
    };
  });
  const choose = (chosen) => made.forEach(({ tab, panel }, number) => {
    tab.setAttribute('aria-selected', String(number === chosen));
    tab.tabIndex = number === chosen ? 0 : -1;
    panel.hidden = number !== chosen;
  });
  made.forEach(({ tab }, number) => {
    tab.addEventListener('click', () => choose(number));
    tab.addEventListener('keydown', (event) => {
      const last = made.length - 1;
      const next = {
        ArrowRight: number === last ? 0 : number + 1, ArrowLeft: number ? number - 1 : last, Home: 0, End: last,
      }[event.key];
      if (next === undefined) return;
      event.preventDefault();
      choose(next);
      made[next].tab.focus();
    });
  });
  choose(0);
  return make('div', { class: 'tabs' },
    make('div', { role: 'tablist', 'aria-label': label }, ...made.map(({ tab }) => tab)),
    ...made.map(({ panel }) => panel));
}
