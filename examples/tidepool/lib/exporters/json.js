'use strict';

const species = require('../species');

/** One object per observation, with the names spelt out. */
function render(observations) {
  const list = observations.map((one) => ({
    date: one.date,
    pool: one.pool,
    species: one.species,
    name: species.find(one.species).name,
    count: one.count,
    ...(one.height === null ? {} : { height: one.height }),
  }));
  return `${JSON.stringify(list, null, 2)}\n`;
}

module.exports = { type: 'application/json', render };
