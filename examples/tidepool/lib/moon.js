'use strict';

const { DAY_MS, parseDay } = require('./dates');

/** Length of a lunation in days, and a new moon to count from. */
const SYNODIC_DAYS = 29.530588;
const NEW_MOON = parseDay('2000-01-06').getTime() + 0.76 * DAY_MS;

const NAMES = [
  'new moon',
  'waxing crescent',
  'first quarter',
  'waxing gibbous',
  'full moon',
  'waning gibbous',
  'last quarter',
  'waning crescent',
];

/** Age of the moon in days, 0 at new moon. */
function age(date) {
  const days = (date.getTime() - NEW_MOON) / DAY_MS;
  return ((days % SYNODIC_DAYS) + SYNODIC_DAYS) % SYNODIC_DAYS;
}

/** Position in the lunation, 0 (new) to 1 (new again). */
const phase = (date) => age(date) / SYNODIC_DAYS;

function phaseName(date) {
  return NAMES[Math.round(phase(date) * NAMES.length) % NAMES.length];
}

/** 1 at spring tides (new and full moon), 0 at neap tides. */
function pull(date) {
  return (1 + Math.cos(4 * Math.PI * phase(date))) / 2;
}

module.exports = { SYNODIC_DAYS, age, phase, phaseName, pull };
