'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

/** A log as people write it; one barnacle sits too low. */
exports.SAMPLE = fs.readFileSync(path.join(__dirname, 'sample.csv'), 'utf8');
exports.SAMPLE_FILE = path.join(__dirname, 'sample.csv');

/** A folder of its own for a test, removed at its end. */
exports.tempFolder = (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tidepool-'));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
};
