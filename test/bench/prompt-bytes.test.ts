/** Prompt bytes: read from a body as it was sent. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fieldsOf, promptOf, sharedBytes } from "../../bench/prompt-bytes.ts";

test("the fields of any object are found as the bytes they were sent in", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(0, 2), (value, indent) => {
      const fields = fieldsOf(Buffer.from(JSON.stringify(value, null, indent)));
      const read = [...fields].map(([name, bytes]) => [name, JSON.parse(bytes.toString())]);
      const expected = Object.entries(JSON.parse(JSON.stringify(value)) as object);
      assert.deepEqual(new Map(read as [string, unknown][]), new Map(expected));
    }),
  );
});

test("a prompt is tools, instructions and items, and one that grew begins with the one before", () => {
  const body = (input: unknown[]) =>
    Buffer.from(JSON.stringify({ model: "m", instructions: "Do.", input, tools: [{}] }));
  const [first, second] = [promptOf(body(["a"])), promptOf(body(["a", "b"]))];
  assert.equal(first.toString(), '[{}]"Do."["a"');
  assert.equal(sharedBytes(first, second), first.length);
  assert.equal(sharedBytes(first, promptOf(body(["c"]))), first.indexOf('a"'));
});

test("a body that stops within a string is refused", () => {
  assert.throws(() => fieldsOf(Buffer.from('{"a":"b\\"')), SyntaxError);
});
