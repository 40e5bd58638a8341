'use strict';

const species = require('./species');
const { parseDay, printDay, season } = require('./dates');
const { FormatError } = require('./errors');

/** What was seen once: a species, how many, when and where. */
class Observation {
  constructor({ date, pool, species: code, count, height = null }) {
    const day = parseDay(date);
    if (day === null) throw new FormatError(`no date: "${date}"`);
    if (!Number.isInteger(count) || count < 0) throw new FormatError(`no count: "${count}"`);
    this.day = day;
    this.pool = pool;
    this.species = species.find(code).code;
    this.count = count;
    this.height = height;
  }

  get date() {
    return printDay(this.day);
  }

  get season() {
    return season(this.day);
  }

  get group() {
    return species.find(this.species).group;
  }

  /** Outside the zone in which the species is known to live. */
  get isUnusual() {
    return this.height !== null && !species.livesAt(this.species, this.height);
  }

  toRow() {
    return [this.date, this.pool, this.species, String(this.count), this.height === null ? '' : String(this.height)];
  }
}

const isObservation = (value) => value instanceof Observation;

exports.Observation = Observation;
exports.isObservation = isObservation;
exports.COLUMNS = ['date', 'pool', 'species', 'count', 'height'];
