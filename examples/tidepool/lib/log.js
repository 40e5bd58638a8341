'use strict';

const CountingEmitter = require('./emitter');
const csv = require('./csv');
const table = require('./table');
const { Observation, COLUMNS } = require('./observation');
const { atLine, FormatError } = require('./errors');
const compile = require('./query');

/** A list of observations, oldest first. */
module.exports = class Log extends CountingEmitter {
  constructor(observations = []) {
    super();
    this.observations = [...observations];
  }

  /** Read a log from comma-separated text with a head line. */
  static parse(text) {
    const [head, ...rows] = csv.parse(text);
    if (head === undefined || head.join() !== COLUMNS.slice(0, head.length).join()) {
      throw new FormatError(`the head line must be ${COLUMNS.join(',')}`, 1);
    }
    return new Log(rows.map((row, index) => atLine(index + 2, () => Log.#fromRow(row))));
  }

  static #fromRow([date, pool, species, count, height = '']) {
    return new Observation({ date, pool, species, count: Number(count), height: height === '' ? null : Number(height) });
  }

  get size() {
    return this.observations.length;
  }

  add(fields) {
    const added = fields instanceof Observation ? fields : new Observation(fields);
    this.observations.push(added);
    this.observations.sort((a, b) => a.day - b.day);
    this.emit('added', added);
    return added;
  }

  where(query) {
    return new Log(this.observations.filter(compile(query)));
  }

  toTable() {
    return table([COLUMNS, ...this.observations.map((one) => one.toRow())], { align: { count: 'right' } });
  }

  /** The log in another format; exporters are loaded when they are first asked for. */
  export(format) {
    const { exporter } = require('./exporter-folder');
    const { format: usual } = require('./config').load();
    return exporter(format || usual).render(this.observations);
  }
};
