'use strict';

const { UsageError } = require('./errors');

/**
 * Split an argument list into flags and the rest.
 *
 * @param argv  the arguments, without node and script
 * @param known name -> "flag" (takes no value) or "text" (takes one)
 */
module.exports = function parseArgs(argv, known) {
  const flags = {};
  const rest = [];
  const queue = [...argv];
  while (queue.length > 0) {
    const word = queue.shift();
    if (word === '--') {
      rest.push(...queue);
      break;
    }
    if (!word.startsWith('--')) {
      rest.push(word);
      continue;
    }
    const [name, inline] = split(word.slice(2));
    const kind = known[name];
    if (kind === undefined) throw new UsageError(`unknown option --${name}`);
    if (kind === 'flag') {
      if (inline !== undefined) throw new UsageError(`--${name} takes no value`);
      flags[name] = true;
      continue;
    }
    const value = inline !== undefined ? inline : queue.shift();
    if (value === undefined) throw new UsageError(`--${name} needs a value`);
    flags[name] = value;
  }
  return { flags, rest };
};

function split(word) {
  const at = word.indexOf('=');
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}
