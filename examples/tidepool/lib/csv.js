'use strict';

const { FormatError } = require('./errors');

/** Read comma-separated text into rows of fields; quotes as in RFC 4180. */
exports.parse = function parse(text) {
  const rows = [];
  let row = [];
  let field = '';
  let quoted = false;
  for (let index = 0; index < text.length; index++) {
    const char = text[index];
    if (quoted) {
      if (char !== '"') field += char;
      else if (text[index + 1] === '"') {
        field += '"';
        index++;
      } else quoted = false;
    } else if (char === '"') {
      if (field !== '') throw new FormatError('a quote inside a field', rows.length + 1);
      quoted = true;
    } else if (char === ',') {
      row.push(field);
      field = '';
    } else if (char === '\n') {
      row.push(field);
      rows.push(row);
      row = [];
      field = '';
    } else if (char !== '\r') field += char;
  }
  if (quoted) throw new FormatError('a quote is not closed', rows.length + 1);
  if (field !== '' || row.length > 0) rows.push([...row, field]);
  return rows;
};

/** Write rows as comma-separated text, with quotes only where they are needed. */
exports.format = function format(rows) {
  return rows.map((row) => `${row.map(quote).join(',')}\n`).join('');
};

function quote(value) {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
