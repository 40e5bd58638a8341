'use strict';

const table = require('./table');
const { describe, diversity, groupBy, sum } = require('./stats');
const { phaseName } = require('./moon');
const tide = require('./tide');
const units = require('./units');

const DEFAULT_TITLE = 'Tide pool report';

const countOf = (list) => sum(list.map((one) => one.count));

/** A summary of a log as plain text: pools, groups, and what the water did on the last day. */
module.exports = (log, options = {}) => {
  const title = options.title || DEFAULT_TITLE;
  const lines = [`${title}\n`, table.rule(title.length)];
  if (log.size === 0) return `${lines.join('')}nothing was seen\n`;

  const figures = describe(log.observations.map((one) => one.count));
  lines.push(`${figures.count} observations, ${figures.sum} animals and plants, median ${figures.median}\n\n`);
  lines.push(table([['pool', 'seen', 'diversity'], ...pools(log)], { align: { seen: 'right', diversity: 'right' } }));
  lines.push('\n', ...groups(log));

  const last = log.observations[log.size - 1];
  const low = tide.lowWater(last.day);
  lines.push(`\n${last.date}: ${phaseName(last.day)}, low water ${units.show(low.height, options.units)}\n`);
  const unusual = log.observations.filter((one) => one.isUnusual);
  if (unusual.length > 0) lines.push(`outside their zone: ${unusual.map((one) => one.species).join(', ')}\n`);
  return lines.join('');
};

function pools(log) {
  return [...groupBy(log.observations, (one) => one.pool)].map(([pool, list]) => {
    const counts = [...groupBy(list, (one) => one.species).values()].map(countOf);
    return [pool, countOf(list), diversity(counts).toFixed(2)];
  });
}

function groups(log) {
  return [...groupBy(log.observations, (one) => one.group)].map(([group, list]) => `${group}: ${countOf(list)}\n`);
}
