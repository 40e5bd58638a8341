'use strict';

const { parseQuery } = require('./parse');

/** Turn a query such as `group = mollusc and (count > 3 or pool = north)` into a test of one observation. */
function compile(text) {
  const tree = parseQuery(text);
  return (one) => evaluate(tree, one);
}

function evaluate(node, one) {
  switch (node.kind) {
    case 'and':
      return node.parts.every((part) => evaluate(part, one));
    case 'or':
      return node.parts.some((part) => evaluate(part, one));
    case 'not':
      return !evaluate(node.part, one);
    default:
      return compare(one[node.field], node.sign, node.value);
  }
}

function compare(have, sign, wanted) {
  if (have === undefined || have === null) return false;
  const [left, right] = typeof have === 'number' ? [have, Number(wanted)] : [String(have).toLowerCase(), wanted.toLowerCase()];
  if (sign === '=') return left === right;
  if (sign === '~') return String(left).includes(String(right));
  return sign === '<' ? left < right : left > right;
}

module.exports = compile;
