// Money, exactly: plain decimals are added as whole numbers, never as floats.

/** The sum of two plain decimals: "0.0031" and "0.1" are "0.1031". */
export function sum(one, other) {
  const places = Math.max(decimals(one), decimals(other));
  const total = String(whole(one, places) + whole(other, places)).padStart(places + 1, '0');
  if (!places) return total;
  return `${total.slice(0, -places)}.${total.slice(-places)}`.replace(/\.?0+$/, '');
}

function decimals(amount) {
  return (amount.split('.')[1] ?? '').length;
}

function whole(amount, places) {
  const [before, after = ''] = amount.split('.');
  return BigInt(before + after.padEnd(places, '0'));
}

/** An amount for people: "$0.0031". */
export function dollars(amount) {
  return `$${amount}`;
}

/** A number of tokens for people: "1,000". */
export function counted(tokens) {
  return typeof tokens === 'number' ? tokens.toLocaleString('en-US') : '?';
}

/** Seconds for people: "0.41 s". */
export function seconds(time) {
  return `${time < 10 ? time.toFixed(2) : time.toFixed(1)} s`;
}
