import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readArguments } from "../../src/tools/arguments.ts";

const SHAPE = { cmd: "string", count: "integer?", ratio: "number?", tty: "boolean?", plan: "list?" } as const;

test("what was asked for is read; unknown keys and nulls are ignored", () => {
  const input = '{"cmd":"ls","count":3,"ratio":1.5,"tty":false,"plan":[1],"extra":{"a":1}}';
  assert.deepEqual(readArguments(input, SHAPE), {
    ok: true,
    values: { cmd: "ls", count: 3, ratio: 1.5, tty: false, plan: [1] },
  });
  assert.deepEqual(readArguments('{"cmd":"","count":null}', SHAPE), { ok: true, values: { cmd: "" } });
  assert.deepEqual(readArguments("  ", { path: "string?" }), { ok: true, values: {} });
});

const wrong: [input: string, message: RegExp][] = [
  ["{}", /^"cmd" is missing; expected a string\.$/],
  ["", /^"cmd" is missing/],
  ['{"cmd":null}', /^"cmd" is missing/],
  ['{"cmd":["ls"]}', /^"cmd" is a list; expected a string\.$/],
  ['{"cmd":5}', /^"cmd" is 5; expected a string\.$/],
  ['{"cmd":"ls","count":1.5}', /^"count" is 1\.5; expected a whole number\.$/],
  ['{"cmd":"ls","count":"1"}', /^"count" is a string; expected a whole number\.$/],
  ['{"cmd":"ls","ratio":{}}', /^"ratio" is an object; expected a number\.$/],
  ['{"cmd":"ls","tty":"yes"}', /^"tty" is a string; expected true or false\.$/],
  ['{"cmd":"ls","plan":{}}', /^"plan" is an object; expected a list\.$/],
  ['{"cmd":"ls"', /^The arguments are not valid JSON \(.+\); expected one object with "cmd", "count" \(optional\)/],
  ["ls -l", /^The arguments are not valid JSON/],
  ['["ls"]', /^The arguments are a list; expected one JSON object with "cmd"/],
  ["null", /^The arguments are null/],
  ['{"__proto__":{"cmd":"ls"}}', /^"cmd" is missing/],
];
for (const [input, message] of wrong) {
  test(`a sentence names what is wrong with ${input === "" ? "no text" : input}`, () => {
    const read = readArguments(input, SHAPE);
    assert.ok(!read.ok);
    assert.match(read.message, message);
  });
}

test("nothing a model writes makes it throw", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (input) => typeof readArguments(input, SHAPE).ok === "boolean"),
  );
});
