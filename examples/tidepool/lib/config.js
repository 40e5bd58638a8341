'use strict';

const fs = require('fs');
const path = require('path');
const defaults = require('../data/defaults.json');
const { UsageError } = require('./errors');

const FILE = '.tidepool.json';

/** Lay `over` on `base`: objects are merged, everything else replaced. */
function merge(base, over) {
  const result = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    result[key] = isObject ? merge(base[key] || {}, value) : value;
  }
  return result;
}

/** The settings of a folder: the defaults, and what its file changes. */
function load(folder) {
  if (folder === undefined) return merge(defaults, {});
  const file = path.join(folder, FILE);
  if (!fs.existsSync(file)) return merge(defaults, {});
  try {
    return merge(defaults, JSON.parse(fs.readFileSync(file, 'utf8')));
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${error.message}`);
  }
}

module.exports = { FILE, merge, load };
