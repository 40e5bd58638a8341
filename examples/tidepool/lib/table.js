'use strict';

const GAP = 2;

/**
 * Rows of text as columns of equal width; the first row is the head.
 *
 * @param align column name -> "right"; left if not said
 */
function table(rows, { align = {} } = {}) {
  const head = rows[0];
  const widths = head.map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)));
  return rows
    .map((row) => {
      const cells = row.map((cell, column) => pad(String(cell), widths[column], align[head[column]]));
      return `${cells.join(' '.repeat(GAP)).trimEnd()}\n`;
    })
    .join('');
}

function pad(text, width, side) {
  return side === 'right' ? text.padStart(width) : text.padEnd(width);
}

module.exports = table;
module.exports.GAP = GAP;
module.exports.rule = (width) => `${'-'.repeat(width)}\n`;
