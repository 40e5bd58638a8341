'use strict';

const { Reader } = require('./words');
const { FormatError } = require('../errors');
const term = require('./term');

/** any := all { "or" all } */
function parseAny(reader) {
  const parts = [parseAll(reader)];
  while (reader.take('or')) parts.push(parseAll(reader));
  return parts.length === 1 ? parts[0] : { kind: 'or', parts };
}

/** all := term { "and" term } */
function parseAll(reader) {
  const parts = [term.parseTerm(reader)];
  while (reader.take('and')) parts.push(term.parseTerm(reader));
  return parts.length === 1 ? parts[0] : { kind: 'and', parts };
}

function parseQuery(text) {
  const reader = new Reader(text);
  const tree = parseAny(reader);
  if (!reader.isDone) throw new FormatError('the query goes on after its end');
  return tree;
}

exports.parseAny = parseAny;
exports.parseQuery = parseQuery;
