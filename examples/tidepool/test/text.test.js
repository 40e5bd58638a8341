'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const parseArgs = require('../lib/args');
const csv = require('../lib/csv');
const table = require('../lib/table');
const { UsageError, FormatError, atLine } = require('../lib/errors');

test('arguments are split into flags and the rest', () => {
  const known = { where: 'text', help: 'flag' };
  assert.deepEqual(parseArgs(['list', '--where=a = b', 'x', '--help'], known), {
    flags: { where: 'a = b', help: true },
    rest: ['list', 'x'],
  });
  assert.deepEqual(parseArgs(['--', '--help'], known), { flags: {}, rest: ['--help'] });
  assert.throws(() => parseArgs(['--nope'], known), UsageError);
  assert.throws(() => parseArgs(['--where'], known), /needs a value/);
});

test('what csv formats, csv parses', () => {
  const rows = [['a', 'b'], ['with "quotes"', 'and, commas'], ['two\nlines', '']];
  assert.deepEqual(csv.parse(csv.format(rows)), rows);
  assert.equal(csv.format([['plain', 1]]), 'plain,1\n');
  assert.deepEqual(csv.parse('a,b\r\nc,d'), [['a', 'b'], ['c', 'd']]);
});

test('csv that is not closed is refused with its line', () => {
  assert.throws(() => csv.parse('a\n"b'), { name: 'FormatError', line: 2 });
  assert.throws(() => csv.parse('a"b'), /line 1: a quote inside a field/);
});

test('a table lines its columns up', () => {
  assert.equal(table([['a', 'n'], ['bc', 10], ['d', 5]], { align: { n: 'right' } }), 'a    n\nbc  10\nd    5\n');
  assert.equal(table.GAP, 2);
  assert.equal(table.rule(3), '---\n');
});

test('atLine adds the line once', () => {
  const fail = () => { throw new FormatError('bad'); };
  assert.throws(() => atLine(7, fail), /^FormatError: line 7: bad$/);
  assert.throws(() => atLine(8, () => atLine(7, fail)), /line 7/);
  assert.equal(atLine(1, () => 5), 5);
});
