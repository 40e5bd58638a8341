'use strict';

const { EventEmitter, once } = require('node:events');

/** An emitter that also remembers how often each event came. */
class CountingEmitter extends EventEmitter {
  #counts = new Map();

  emit(name, ...values) {
    this.#counts.set(name, this.count(name) + 1);
    return super.emit(name, ...values);
  }

  count(name) {
    return this.#counts.get(name) || 0;
  }

  /** The values of the next event of that name. */
  next(name) {
    return once(this, name);
  }
}

module.exports = CountingEmitter;
