import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Ring } from "../../src/sandbox/ring.ts";

const pieces = fc.array(fc.string({ unit: fc.constantFrom("a", "é", "€", "😀", "\n"), maxLength: 300 }), {
  maxLength: 30,
});

test("head, what was dropped, and tail are all that was pushed", () => {
  fc.assert(
    fc.property(pieces, fc.integer({ min: 16, max: 2000 }), (texts, limit) => {
      const ring = new Ring(limit);
      for (const text of texts) ring.push(text);
      const all = texts.join("");
      const { head, tail, droppedBytes, droppedLines } = ring.take();
      assert.ok(all.startsWith(head) && all.endsWith(tail));
      const middle = all.slice(head.length, all.length - tail.length);
      assert.equal(droppedBytes, Buffer.byteLength(middle));
      assert.equal(droppedLines, middle.split("\n").length - 1);
      assert.ok(Buffer.byteLength(head + tail) <= limit, "it holds more than its limit");
      if (Buffer.byteLength(all) <= limit - 8) assert.equal(head, all);
    }),
    { numRuns: 400 },
  );
});

test("each take starts afresh", () => {
  const ring = new Ring(20);
  ring.push("x".repeat(100));
  assert.equal(ring.take().droppedBytes, 83);
  assert.deepEqual(ring.take(), { head: "", tail: "", droppedBytes: 0, droppedLines: 0 });
  ring.push("again");
  assert.deepEqual(ring.take(), { head: "again", tail: "", droppedBytes: 0, droppedLines: 0 });
});
