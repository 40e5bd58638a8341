'use strict';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Read YYYY-MM-DD as a UTC date; null when there is no such day. */
function parseDay(text) {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (match === null) return null;
  const [year, month, day] = match.slice(1).map(Number);
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date : null;
}

const printDay = (date) => date.toISOString().slice(0, 10);

/** Whole days from one date to another; negative when the second is earlier. */
function daysBetween(from, to) {
  return Math.round((to.getTime() - from.getTime()) / DAY_MS);
}

/** The four seasons of the northern hemisphere, by month. */
function season(date) {
  return ['winter', 'spring', 'summer', 'autumn'][Math.floor(((date.getUTCMonth() + 1) % 12) / 3)];
}

exports.DAY_MS = DAY_MS;
exports.parseDay = parseDay;
exports.printDay = printDay;
exports.daysBetween = daysBetween;
exports.season = season;
exports.addDays = (date, days) => new Date(date.getTime() + days * DAY_MS);
