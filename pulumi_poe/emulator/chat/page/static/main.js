// The page: which bot is looked at, and what is shown of it.

import { get, showLater, shownBefore, takeToken, Trouble } from './asking.js';
import { about, listOf, whyNot } from './bots.js';
import { Chat } from './chat.js';
import { Controls } from './controls.js';
import { early } from './early.js';
import { make, named } from './elements.js';

const at = (id) => document.getElementById(id);

let bots = [];
let chosen = null;

/** The conversations of this page, by handle: whoever looks at another bot finds them again. */
const chats = new Map();

function showTrouble(text) {
  at('trouble').textContent = text;
}

async function load(asked = get('bots')) {
  try {
    ({ bots } = await asked);
    showTrouble('');
  } catch (error) {
    showTrouble(error instanceof Trouble ? error.message : `This page has failed: ${error.message}`);
    if (!(error instanceof Trouble)) throw error;
    return;
  }
  showBots();
  const again = bots.find((bot) => bot.handle === (chosen ?? shownBefore())) ?? bots[0];
  if (again) choose(again);
  else showNothing();
}

function showBots() {
  const focused = [...at('bots').querySelectorAll('button')].indexOf(document.activeElement);
  at('bots').replaceChildren(listOf(bots, chosen, choose));
  if (focused >= 0) at('bots').querySelectorAll('button')[focused]?.focus();
}

function showNothing() {
  chosen = null;
  at('talk').replaceChildren(make('p', { class: 'hint' }, 'Here you talk to the bots of this local Poe.'));
  at('about').replaceChildren();
}

/** Show a bot. One that has not changed is left as it is, with what is open and typed. */
function choose(bot) {
  const isSame = chosen === bot.handle && JSON.stringify(chats.get(bot.handle)?.bot) === JSON.stringify(bot);
  chosen = bot.handle;
  showLater(chosen);
  showBots();
  if (isSame) return;
  const chat = chatOf(bot);
  const why = whyNot(bot);
  at('talk').replaceChildren(why
    ? make('section', { class: 'chat' }, make('h2', {}, named(bot.handle)), make('p', { class: 'trouble' }, why))
    : chat.element);
  const controls = new Controls(bot, chat.values);
  at('about').replaceChildren(make('h2', {}, 'About ', named(bot.handle, 80)),
    ...about(bot, controls.isEmpty ? null : controls.element).filter(Boolean));
}

/** The conversation with a bot. It goes on where the bot has changed. */
function chatOf(bot) {
  const chat = chats.get(bot.handle) ?? new Chat();
  chat.talkTo(bot);
  chats.set(bot.handle, chat);
  return chat;
}

at('reload').addEventListener('click', () => load());
// `pulumi up` in another window may have changed the bots.
document.addEventListener('visibilitychange', () => { if (!document.hidden) load(); });
// The address of a later start, opened in the same tab.
window.addEventListener('hashchange', () => {
  if (!takeToken()) return;
  chosen = shownBefore();
  load();
});
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') chats.get(chosen)?.stop();
});

at('where').textContent = location.origin;
showNothing();
await load(early);
at('desk').removeAttribute('aria-busy');
performance.mark('shown');
