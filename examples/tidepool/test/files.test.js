'use strict';

const { test } = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { spawnSync } = require('node:child_process');
const paths = require('../lib/paths');
const config = require('../lib/config');
const { names, exporter } = require('../lib/exporter-folder');
const store = require('../lib/store');
const tidepool = require('..');
const { SAMPLE, SAMPLE_FILE, tempFolder } = require('../support/sample');

const CLI = require.resolve('../bin/tidepool');

test('paths are found from where the files lie', () => {
  assert.equal(paths.self(), 'lib/paths.js');
  assert.equal(paths.locate('log'), 'lib/log.js');
  assert.ok(fs.existsSync(path.join(paths.DATA, 'species.json')));
});

test('a folder may change the settings', (t) => {
  const folder = tempFolder(t);
  assert.equal(config.load(folder).units, 'metric');
  fs.writeFileSync(path.join(folder, config.FILE), '{"station":{"mean":2}}');
  assert.deepEqual(config.load(folder).station, { name: 'North Cove', mean: 2, amplitude: 1.1, offsetMinutes: 25 });
  fs.writeFileSync(path.join(folder, config.FILE), '{');
  assert.throws(() => config.load(folder), /cannot read/);
});

test('exporters are whatever lies in their folder', () => {
  assert.deepEqual(names(), ['csv', 'geojson', 'json', 'markdown']);
  assert.equal(exporter('json').type, 'application/json');
  assert.equal(exporter('csv'), exporter('csv'));
  const log = tidepool.Log.parse(SAMPLE);
  assert.equal(log.export('csv'), SAMPLE);
  assert.equal(JSON.parse(log.export('json'))[0].name, 'Pisaster ochraceus');
  assert.equal(JSON.parse(log.export('geojson')).features[0].geometry.coordinates.length, 2);
  assert.match(log.export(), /^\| date \| pool /);
  assert.throws(() => log.export('pdf'), /no format "pdf"; there are csv, geojson, json, markdown/);
});

test('a store writes what it reads', async (t) => {
  const shelf = store.open(tempFolder(t));
  assert.equal((await shelf.load()).size, 0);
  await shelf.update((log) => log.add({ date: '2025-01-02', pool: 'a', species: 'ULV-LAC', count: 3 }));
  assert.equal((await shelf.load()).observations[0].count, 3);
  assert.ok(shelf instanceof store.Store);
});

test('the package shows its face', () => {
  assert.equal(tidepool.version, '1.4.0');
  assert.equal(tidepool.species('ULV-LAC').group, 'alga');
  assert.equal(tidepool.allSpecies().length, 8);
  assert.equal(typeof tidepool.tide.heightAt, 'function');
  assert.deepEqual(tidepool.exporters(), names());
});

test('the command line lists', () => {
  const listed = spawnSync(process.execPath, [CLI, 'list', SAMPLE_FILE, '--where', 'count > 20'], { encoding: 'utf8' });
  assert.equal(listed.status, 0);
  assert.equal(listed.stdout.split('\n').length, 4);
});

test('the command can be called without a process', () => {
  const { run } = require('../bin/tidepool');
  assert.equal(run(['--version']), '1.4.0\n');
  assert.equal(run(['formats']), 'csv\ngeojson\njson\nmarkdown\n');
  assert.throws(() => run(['list']), /list needs a FILE/);
  assert.match(run(['--help']), /^tidepool 1\.4\.0\n/);
  assert.match(run(['report', SAMPLE_FILE]), /5 observations/);
});

test('versions are compared part by part', () => {
  const { atLeast, userAgent } = require('../lib/version');
  assert.ok(atLeast('1.4'));
  assert.ok(!atLeast('1.10.0'));
  assert.equal(userAgent('test'), 'tidepool/1.4.0 (test)');
});
