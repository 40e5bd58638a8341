'use strict';

const { COLUMNS } = require('../observation');
const species = require('../species');

const cell = (text) => String(text).replaceAll('|', '\\|');
const line = (cells) => `| ${cells.map(cell).join(' | ')} |\n`;

module.exports = {
  type: 'text/markdown',
  render(observations) {
    const rows = observations.map((one) => {
      const [date, pool, code, ...rest] = one.toRow();
      return line([date, pool, `*${species.find(code).name}*`, ...rest]);
    });
    return line(COLUMNS) + line(COLUMNS.map(() => '---')) + rows.join('');
  },
};
