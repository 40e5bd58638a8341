'use strict';

const { FormatError } = require('../errors');

const SIGNS = ['=', '~', '<', '>'];
const FIELDS = new Set(['date', 'pool', 'species', 'count', 'height', 'season', 'group']);

/** term := "not" term | "(" any ")" | field sign value */
function parseTerm(reader) {
  if (reader.take('not')) return { kind: 'not', part: parseTerm(reader) };
  if (reader.take('(')) {
    // The parser needs terms and terms need the parser; this half is looked up late.
    const { parseAny } = require('./parse');
    const inner = parseAny(reader);
    if (!reader.take(')')) throw new FormatError('the query lacks ")"');
    return inner;
  }
  const field = reader.text('a field');
  if (!FIELDS.has(field)) throw new FormatError(`no field "${field}"`);
  const sign = SIGNS.find((one) => reader.take(one));
  if (sign === undefined) throw new FormatError(`"${field}" needs one of ${SIGNS.join(' ')}`);
  return { kind: 'compare', field, sign, value: reader.text('a value') };
}

module.exports = { parseTerm, FIELDS };
