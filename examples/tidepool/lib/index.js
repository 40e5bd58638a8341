'use strict';

// The public face of the package: everything a caller needs, and nothing else.
const Log = require('./log');
const { Observation } = require('./observation');
const { find, all } = require('./species');
const { names } = require('./exporter-folder');

module.exports = {
  Log,
  Observation,
  species: find,
  allSpecies: all,
  exporters: names,
  report: require('./report'),
  tide: require('./tide'),
  version: require('./version').version,
};
