// The list of bots, and what there is to know of one.

import { isObject, make, mistakes, named, raw, written } from './elements.js';
import { counted, dollars } from './money.js';

/** The list, by accounts. `choose` gets the bot that somebody picks. */
export function listOf(bots, chosen, choose) {
  if (!bots.length) {
    return make('p', { class: 'hint' }, 'There are no bots yet. Make some: ', make('code', {}, 'pulumi up'), ', then reload.');
  }
  const accounts = new Map();
  for (const bot of bots) accounts.set(bot.account, [...(accounts.get(bot.account) ?? []), bot]);
  return make('div', {}, ...[...accounts].flatMap(([account, its]) => [
    make('h3', {}, named(account)),
    make('ul', {}, ...its.map((bot) => make('li', {}, make('button', {
      type: 'button', class: 'bot', 'aria-current': bot.handle === chosen ? 'true' : null, onclick: () => choose(bot),
    }, named(bot.handle, 80), bot.is_private && make('span', { class: 'badge' }, 'private'))))),
  ]));
}

/** Why a bot cannot be talked to; null where it can be. */
export function whyNot(bot) {
  if (!bot.has_settings) return 'This bot has no api_bot_settings, so there is no endpoint to ask.';
  if (!bot.path) return 'This bot has an api_type that Poe does not document, so nobody knows how to ask it.';
  return null;
}

/** What there is to know of a bot: its description, prices and settings, and its parameters. */
export function about(bot, parameters) {
  const settings = isObject(bot.settings) ? bot.settings : {};
  return [
    typeof bot.description === 'string' && bot.description
      && make('p', { class: 'description', dir: 'auto' }, named(bot.description, 4000)),
    make('section', {}, make('h3', {}, 'Prices'), prices(bot)),
    parameters && make('section', {}, make('h3', {}, 'Parameters'), parameters),
    make('section', {}, make('h3', {}, 'Settings'), list([
      ['Account', bot.account],
      ['Seen by', bot.is_private ? 'its owner alone' : 'everybody'],
      ['Endpoint', settings.base_url],
      ['Endpoint’s key', bot.has_api_key ? 'set' : 'none'],
      ['Model', settings.model_name],
      ['API', bot.api],
      ['Context', tokens(settings.context_size)],
      ['Most input', tokens(settings.max_input_tokens)],
      ['Takes', settings.input_modalities],
      ['Gives', settings.output_modalities],
      ['Features', settings.supported_features],
    ]), raw('All as JSON', () => written(bot.settings))),
  ];
}

function list(rows) {
  const shown = rows.filter(([, value]) => value !== undefined && value !== null);
  const told = (value) => (Array.isArray(value) && value.every((each) => typeof each === 'string') ? value.join(', ') : value);
  return make('dl', { class: 'facts' }, ...shown.map(([name, value]) => make('div', {},
    make('dt', {}, name), make('dd', {}, named(told(value))))));
}

function tokens(count) {
  return typeof count === 'number' ? `${counted(count)} tokens` : count;
}

/** In US dollars a million tokens, exactly, as the local Poe has reckoned them. */
function prices(bot) {
  const found = mistakes('What is wrong with its pricing:', bot.price_mistakes);
  if (!bot.prices.length) return make('div', {}, found, make('p', { class: 'hint' }, 'It has no prices.'));
  const kinds = [['prompt', 'Input'], ['input_cache_reads', 'Cached'], ['completion', 'Output']];
  const hasTiers = bot.prices.length > 1;
  return make('div', {}, found, make('table', { class: hasTiers ? 'tiers' : null }, make('caption', {}, 'US dollars a million tokens'),
    make('thead', {}, make('tr', {}, hasTiers && make('th', { scope: 'col' }, 'Input tokens'),
      ...kinds.map(([, name]) => make('th', { scope: 'col' }, name)))),
    make('tbody', {}, ...bot.prices.map((row) => make('tr', {}, hasTiers && make('th', { scope: 'row' }, rangeOf(row)),
      ...kinds.map(([name]) => make('td', {}, row[name] === null ? '–' : dollars(row[name]))))))));
}

function rangeOf({ tier, min_tokens: least, max_tokens: most }) {
  if (!tier) return 'base';
  const from = typeof least === 'number' ? least : 0;
  // The upper bound is not in it any more (docs/poe-bots-api.md, 2.2).
  return typeof most === 'number' ? `${counted(from)}–${counted(most - 1)}` : `${counted(from)} or more`;
}
