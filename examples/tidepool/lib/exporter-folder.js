'use strict';

const { readdirSync } = require('fs');
const { join, parse } = require('path');
const { EXPORTERS } = require('./paths');
const { UsageError } = require('./errors');

const loaded = new Map();

/** Names of all exporters: one file each in the folder. */
function names() {
  return readdirSync(EXPORTERS)
    .filter((file) => file.endsWith('.js'))
    .map((file) => parse(file).name)
    .sort();
}

/** The exporter of a name, loaded once. */
function exporter(name) {
  if (loaded.has(name)) return loaded.get(name);
  if (!names().includes(name)) throw new UsageError(`no format "${name}"; there are ${names().join(', ')}`);
  const found = require(join(EXPORTERS, name));
  if (typeof found.render !== 'function') throw new TypeError(`exporter "${name}" cannot render`);
  loaded.set(name, found);
  return found;
}

module.exports = { names, exporter };
