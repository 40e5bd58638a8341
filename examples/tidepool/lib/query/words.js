'use strict';

const { FormatError } = require('../errors');

const WORD = /\s*(?:([()<>=~])|"([^"]*)"|([\w.-]+))/y;

/** Split a query into words: `{ sign }` or `{ text }`. */
function words(text) {
  const list = [];
  WORD.lastIndex = 0;
  while (WORD.lastIndex < text.trimEnd().length) {
    const at = WORD.lastIndex;
    const match = WORD.exec(text);
    if (match === null) throw new FormatError(`cannot read the query at "${text.slice(at).trim()}"`);
    list.push(match[1] ? { sign: match[1] } : { text: match[2] !== undefined ? match[2] : match[3] });
  }
  return list;
}

/** A reader over words that can look one ahead. */
class Reader {
  constructor(text) {
    this.list = words(text);
    this.at = 0;
  }

  peek() {
    return this.list[this.at] || {};
  }

  /** Take the next word if it is the one asked for. */
  take(wanted) {
    const next = this.peek();
    const fits = next.sign === wanted || (next.text !== undefined && next.text.toLowerCase() === wanted);
    if (fits) this.at++;
    return fits;
  }

  text(what) {
    const next = this.peek();
    if (next.text === undefined) throw new FormatError(`the query lacks ${what}`);
    this.at++;
    return next.text;
  }

  get isDone() {
    return this.at >= this.list.length;
  }
}

exports.words = words;
exports.Reader = Reader;
