// Asks the local Poe. The token is in the address that it prints, and then in this tab alone.

const KEPT = 'local-poe-token';
const SHOWN = 'local-poe-bot';

/** What went wrong, in words for whoever reads the page. */
export class Trouble extends Error {}

/** The token of the address, from now on this tab's, and the bot to show, if it names one. The address bar keeps neither. */
export function takeToken() {
  const given = new URLSearchParams(location.hash.slice(1));
  const token = given.get('token');
  if (!token) return false;
  sessionStorage.setItem(KEPT, token);
  if (given.get('bot')) showLater(given.get('bot'));
  history.replaceState(null, '', location.pathname);
  return true;
}

/** The bot that this tab shows, also after it was loaded again. */
export function shownBefore() {
  return sessionStorage.getItem(SHOWN);
}

export function showLater(handle) {
  sessionStorage.setItem(SHOWN, handle);
}

function token() {
  return sessionStorage.getItem(KEPT) ?? '';
}

async function asked(path, options) {
  if (!token()) {
    throw new Trouble('This page needs the address that the local Poe printed when it was started, with its #token=…: '
      + 'open that one. So no other page can ask your bots.');
  }
  try {
    return await fetch(path, { cache: 'no-store', credentials: 'omit', redirect: 'error', ...options });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Trouble('The local Poe cannot be reached. Start it again, and open the address that it prints.');
  }
}

/** What `/local-poe/page/…` answers; null where there is none. */
export async function get(what) {
  const answer = await asked(`/local-poe/page/${what}`, { headers: { 'Local-Poe-Token': token() } });
  if (answer.status === 401) throw new Trouble(OLD);
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Trouble(`The local Poe answered ${answer.status}.`);
  return answer.json();
}

const OLD = 'This page is of an earlier start of the local Poe. Open the address that it printed at the last one, '
  + 'with its #token=….';

/** Asks a bot. The answer may be any; only that the page is an old one is said here. */
export async function ask(path, body, signal) {
  const answer = await asked(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token()}` },
    body,
    signal,
  });
  // The local Poe can be told to answer 401 to everybody. Only an old page cannot ask for anything else either.
  if (answer.status === 401) await get('conversations/none');
  return answer;
}
