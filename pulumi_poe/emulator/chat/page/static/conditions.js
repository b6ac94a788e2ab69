// Whether a condition of the controls holds.

import { isObject } from './elements.js';

const COMPARATORS = {
  eq: (left, right) => left === right,
  equals: (left, right) => left === right,
  ne: (left, right) => left !== right,
  gt: (left, right) => alike(left, right) && left > right,
  ge: (left, right) => alike(left, right) && left >= right,
  lt: (left, right) => alike(left, right) && left < right,
  le: (left, right) => alike(left, right) && left <= right,
};

/** What is wrong with a condition; null where nothing is. */
export function mistakeIn(condition) {
  if (!isObject(condition)) return 'condition: is no object';
  if (!Object.hasOwn(COMPARATORS, condition.comparator)) {
    return `condition.comparator: is none of ${Object.keys(COMPARATORS).join(', ')}`;
  }
  for (const side of ['left', 'right']) {
    if (operandIn(condition[side]) === null) {
      return `condition.${side}: is neither {"parameter_name": …} nor {"literal": …}`;
    }
  }
  return null;
}

/** Whether a condition without a mistake holds. `valueOf` gives the value of a parameter. */
export function holds(condition, valueOf) {
  const [left, right] = ['left', 'right'].map((side) => operandIn(condition[side])(valueOf));
  return COMPARATORS[condition.comparator](left, right);
}

function operandIn(operand) {
  if (!isObject(operand)) return null;
  if (typeof operand.parameter_name === 'string') return (valueOf) => valueOf(operand.parameter_name);
  return 'literal' in operand ? () => operand.literal : null;
}

/** Only two numbers, or two texts, are one before the other. */
function alike(left, right) {
  return typeof left === typeof right && ['number', 'string'].includes(typeof left);
}
