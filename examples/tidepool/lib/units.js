'use strict';

const METRES_PER_FOOT = 0.3048;

const metresToFeet = (metres) => metres / METRES_PER_FOOT;
const feetToMetres = (feet) => feet * METRES_PER_FOOT;

const SYSTEMS = {
  metric: { unit: 'm', digits: 2, from: (metres) => metres },
  imperial: { unit: 'ft', digits: 1, from: metresToFeet },
};

/** A height in metres as text in the unit system asked for. */
function showHeight(metres, system) {
  const chosen = SYSTEMS[system || 'metric'];
  if (chosen === undefined) throw new RangeError(`no unit system "${system}"`);
  return `${chosen.from(metres).toFixed(chosen.digits)} ${chosen.unit}`;
}

/** Read "1.4 m", "1.4" or "4.6 ft" as metres. */
function readHeight(text) {
  const match = /^\s*(-?\d+(?:\.\d+)?)\s*(m|ft)?\s*$/.exec(text);
  if (match === null) throw new RangeError(`no height: "${text}"`);
  return match[2] === 'ft' ? feetToMetres(Number(match[1])) : Number(match[1]);
}

module.exports = {
  metresToFeet,
  feetToMetres,
  show: showHeight, // the short name callers use
  read: readHeight,
  systems: () => Object.keys(SYSTEMS),
};
