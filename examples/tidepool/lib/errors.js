'use strict';

/** The user asked for something that cannot be done; the message is for people. */
class UsageError extends Error {
  constructor(message) {
    super(message);
    this.name = 'UsageError';
  }
}

/** A line of a file that cannot be read. */
class FormatError extends Error {
  constructor(message, line) {
    super(line === undefined ? message : `line ${line}: ${message}`);
    this.name = 'FormatError';
    this.line = line;
  }
}

/** Call and turn a FormatError into one that names its line. */
function atLine(line, call) {
  try {
    return call();
  } catch (error) {
    if (error instanceof FormatError && error.line === undefined) throw new FormatError(error.message, line);
    throw error;
  }
}

module.exports = { UsageError, FormatError, atLine };
