'use strict';

const catalog = require('../data/species.json');
const { UsageError } = require('./errors');

const byCode = new Map(catalog.map((entry) => [entry.code, Object.freeze(entry)]));

/** The species with a code such as "PIS-OCH", in any case. */
function find(code) {
  const found = byCode.get(String(code).toUpperCase());
  if (found === undefined) throw new UsageError(`no species "${code}"`);
  return found;
}

const all = () => [...byCode.values()];

/** Codes of a group such as "mollusc". */
function inGroup(group) {
  return all()
    .filter((entry) => entry.group === group)
    .map((entry) => entry.code);
}

/** May it live at that height (metres above chart datum)? */
function livesAt(code, height) {
  const [low, high] = find(code).zone;
  return low <= height && height <= high;
}

/** Of a list of observations, those of one species. */
function sightings(code, list) {
  // Observations know their species and species their observations: a circle, so this half is looked up late.
  const observation = require('./observation');
  const wanted = find(code).code;
  return list.filter((one) => observation.isObservation(one) && one.species === wanted);
}

module.exports = { find, all, inGroup, livesAt, sightings };
