'use strict';

const moon = require('./moon');
const config = require('./config');

/** Hours between two high tides: half a lunar day. */
const PERIOD_HOURS = 12.4206;
const HOUR_MS = 60 * 60 * 1000;

/** Height of the water above chart datum in metres; a model with two terms, not a tide table. */
function heightAt(date, station) {
  const place = station || config.load().station;
  const hours = date.getTime() / HOUR_MS - place.offsetMinutes / 60;
  const swing = place.amplitude * (0.6 + 0.4 * moon.pull(date));
  return place.mean + swing * Math.cos((2 * Math.PI * hours) / PERIOD_HOURS);
}

/** The lowest water of a day: `{ at, height }`, searched in steps of ten minutes. */
function lowWater(day, station) {
  let lowest = null;
  for (let minutes = 0; minutes < 24 * 60; minutes += 10) {
    const at = new Date(day.getTime() + minutes * 60_000);
    const height = heightAt(at, station);
    if (lowest === null || height < lowest.height) lowest = { at, height };
  }
  return lowest;
}

/** Is a height within reach on foot at that time? */
function isExposed(height, date, station) {
  return heightAt(date, station) < height;
}

exports.PERIOD_HOURS = PERIOD_HOURS;
exports.heightAt = heightAt;
exports.lowWater = lowWater;
exports.isExposed = isExposed;
