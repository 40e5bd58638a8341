'use strict';

const { promises: fs } = require('node:fs');
const path = require('node:path');
const Log = require('./log');
const csv = require('./csv');
const { COLUMNS } = require('./observation');

/** Keeps one log in a file, written whole and renamed into place. */
class Store {
  constructor(folder, name = 'log.csv') {
    this.file = path.join(folder, name);
  }

  async load() {
    try {
      return Log.parse(await fs.readFile(this.file, 'utf8'));
    } catch (error) {
      if (error.code === 'ENOENT') return new Log();
      throw error;
    }
  }

  async save(log) {
    const text = csv.format([COLUMNS, ...log.observations.map((one) => one.toRow())]);
    const draft = `${this.file}.new`;
    await fs.writeFile(draft, text);
    await fs.rename(draft, this.file);
    return text.length;
  }

  /** Load, change, save. */
  async update(change) {
    const log = await this.load();
    await change(log);
    await this.save(log);
    return log;
  }
}

module.exports.Store = Store;
module.exports.open = (folder, name) => new Store(folder, name);
