// Asks for the bots while the rest of the page is still on its way.

import { get, takeToken } from './asking.js';

takeToken();

/** The bots at the start of the page. */
export const early = get('bots');

// Whoever waits for them hears of a failure, and the browser need not warn of it before.
early.catch(() => {});
