#!/usr/bin/env node
'use strict';

const fs = require('node:fs');
const parseArgs = require('../lib/args');
const { Log, exporters, report, version } = require('..');
const { UsageError } = require('../lib/errors');

const HELP = `tidepool ${version}

  tidepool list FILE [--where QUERY]       print the observations
  tidepool report FILE [--title TEXT]      print a summary
  tidepool export FILE --format NAME       print them in another format
  tidepool formats                         name the formats
`;

/** Run one command; returns what is to be printed. */
function run(argv) {
  const args = parseArgs(argv, { where: 'text', title: 'text', format: 'text', help: 'flag', version: 'flag' });
  if (args.flags.version) return `${version}\n`;
  const [command, file] = args.rest;
  if (args.flags.help || command === undefined) return HELP;
  if (command === 'formats') return `${exporters().join('\n')}\n`;
  if (file === undefined) throw new UsageError(`${command} needs a FILE`);
  const log = Log.parse(fs.readFileSync(file, 'utf8'));
  const chosen = args.flags.where ? log.where(args.flags.where) : log;
  if (command === 'list') return chosen.toTable();
  if (command === 'report') return report(chosen, { title: args.flags.title });
  if (command === 'export') return chosen.export(args.flags.format);
  throw new UsageError(`no command "${command}"`);
}

if (require.main === module) {
  try {
    process.stdout.write(run(process.argv.slice(2)));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`tidepool: ${error.message}\n`);
    process.exitCode = 2;
  }
}

module.exports = { run };
