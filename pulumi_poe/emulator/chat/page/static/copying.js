// "Copy as curl": the question as a command of a shell.

import { announce, make } from './elements.js';
import { publicPath } from './wire.js';

const LONGEST = 100_000;

/** The command that asks the same. The key is the shell's, and never in it. */
export function curl(bot, body) {
  // Escaped, so that nothing in it is unseen in a terminal.
  const json = body.replace(/[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const begin = `curl -N ${quoted(location.origin + publicPath(bot))} \\\n`
    + '  -H "Authorization: Bearer $POE_API_KEY" \\\n  -H \'Content-Type: application/json\' \\\n';
  // One argument of a command may not have more than 128 kB. JSON has no line that is EOF.
  return json.length > LONGEST ? `${begin}  --data-binary @- <<'EOF'\n${json}\nEOF` : `${begin}  -d ${quoted(json)}`;
}

/** For a shell, whatever is in it. */
function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** A button that copies what `text` gives. Where the browser does not let it, the text is shown, and selected. */
export function copyButton(label, text) {
  const shown = make('span', { class: 'copied' });
  const button = make('button', { type: 'button', onclick: async () => {
    try {
      await navigator.clipboard.writeText(text());
      shown.textContent = 'Copied';
      announce('Copied');
    } catch {
      const area = make('textarea', { readonly: true, rows: 6, 'aria-label': 'To copy by hand' });
      area.value = text();
      shown.replaceChildren(area);
      area.select();
      area.focus();
    }
  } }, label);
  return make('span', { class: 'copy' }, button, shown);
}
