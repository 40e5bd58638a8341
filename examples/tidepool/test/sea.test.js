'use strict';

const { test } = require('node:test');
const assert = require('node:assert/strict');
const { parseDay, printDay, daysBetween, addDays, season } = require('../lib/dates');
const moon = require('../lib/moon');
const tide = require('../lib/tide');
const units = require('../lib/units');
const stats = require('../lib/stats');

test('days are read and printed', () => {
  assert.equal(printDay(parseDay('2024-02-29')), '2024-02-29');
  assert.equal(parseDay('2025-02-29'), null);
  assert.equal(parseDay('yesterday'), null);
  assert.equal(daysBetween(parseDay('2024-12-31'), parseDay('2025-03-01')), 60);
  assert.equal(printDay(addDays(parseDay('2025-12-31'), 1)), '2026-01-01');
  assert.deepEqual(['01', '04', '07', '10', '12'].map((month) => season(parseDay(`2025-${month}-15`))), ['winter', 'spring', 'summer', 'autumn', 'winter']);
});

test('the moon is where the almanac has it', () => {
  assert.equal(moon.phaseName(parseDay('2025-03-14')), 'full moon');
  assert.equal(moon.phaseName(parseDay('2025-03-29')), 'new moon');
  assert.ok(moon.age(parseDay('1999-01-01')) >= 0);
  assert.ok(moon.pull(parseDay('2025-03-14')) > 0.95);
});

test('the tide swings around its mean', () => {
  const station = { mean: 1, amplitude: 1, offsetMinutes: 0 };
  const low = tide.lowWater(parseDay('2025-03-14'), station);
  assert.ok(low.height < 0.1 && low.height >= 0);
  assert.ok(tide.isExposed(0.5, low.at, station));
  assert.ok(!tide.isExposed(-0.5, low.at, station));
  assert.ok(Math.abs(tide.heightAt(low.at, station) - low.height) < 1e-9);
});

test('heights are shown and read in both systems', () => {
  assert.equal(units.show(1.5), '1.50 m');
  assert.equal(units.show(units.feetToMetres(3), 'imperial'), '3.0 ft');
  assert.equal(units.read('-0.4 m'), -0.4);
  assert.equal(units.read(' 10 ft ').toFixed(3), '3.048');
  assert.throws(() => units.show(1, 'nautical'), RangeError);
  assert.deepEqual(units.systems(), ['metric', 'imperial']);
});

test('figures', () => {
  assert.equal(stats.median([3, 1, 2]), 2);
  assert.equal(stats.median([4, 1, 2, 3]), 2.5);
  assert.equal(stats.diversity([5, 5]).toFixed(4), Math.log(2).toFixed(4));
  assert.deepEqual(stats.describe([2, 2, 5]), { count: 3, sum: 9, median: 2 });
  assert.deepEqual([...stats.groupBy(['a', 'bb', 'c'], (word) => word.length)], [[1, ['a', 'c']], [2, ['bb']]]);
});
