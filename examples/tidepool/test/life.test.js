'use strict';

const { test } = require('node:test');
const assert = require('node:assert/strict');
const species = require('../lib/species');
const { Observation, isObservation } = require('../lib/observation');
const Log = require('../lib/log');
const report = require('../lib/report');
const { SAMPLE } = require('../support/sample');

test('species are found by code', () => {
  assert.equal(species.find('pis-och').common, 'Ochre star');
  assert.deepEqual(species.inGroup('mollusc'), ['MYT-CAL', 'LOT-GIG']);
  assert.equal(species.all().length, 8);
  assert.ok(species.livesAt('BAL-GLA', 2));
  assert.throws(() => species.find('XXX'), /no species "XXX"/);
});

test('an observation knows its species', () => {
  const one = new Observation({ date: '2025-07-01', pool: 'north', species: 'lot-gig', count: 2, height: 0.1 });
  assert.equal(one.group, 'mollusc');
  assert.equal(one.season, 'summer');
  assert.ok(one.isUnusual);
  assert.ok(isObservation(one));
  assert.throws(() => new Observation({ date: '2025-07-01', pool: 'n', species: 'LOT-GIG', count: -1 }), /no count/);
});

test('a log is parsed, asked and added to', () => {
  const log = Log.parse(SAMPLE);
  assert.equal(log.size, 5);
  assert.equal(species.sightings('ant-ele', log.observations).length, 1);
  assert.equal(log.where('group = echinoderm').size, 2);
  assert.equal(log.where('not (pool = north or count < 20)').size, 1);
  assert.equal(log.where('pool ~ "south" and season = spring').size, 0);
  assert.throws(() => log.where('depth > 3'), /no field "depth"/);
  assert.throws(() => log.where('(count > 3'), /lacks "\)"/);
});

test('adding tells, counts and keeps the order', async () => {
  const log = Log.parse(SAMPLE);
  const told = log.next('added');
  const added = log.add({ date: '2025-06-01', pool: 'north', species: 'ULV-LAC', count: 1 });
  assert.equal((await told)[0], added);
  assert.equal(log.count('added'), 1);
  assert.equal(log.observations[2], added);
});

test('a broken line is named', () => {
  assert.throws(() => Log.parse('date,pool,species,count\n2025-13-01,n,PIS-OCH,1\n'), { name: 'FormatError', line: 2 });
  assert.throws(() => Log.parse('what,ever\n'), /head line/);
});

test('the report sums up', () => {
  const text = report(Log.parse(SAMPLE), { title: 'May' });
  assert.match(text, /^May\n---\n5 observations, 110 animals and plants, median 12\n/);
  assert.match(text, /^north +43 +0\.\d\d$/m);
  assert.match(text, /^outside their zone: BAL-GLA$/m);
  assert.equal(report(new Log()), 'Tide pool report\n----------------\nnothing was seen\n');
});
