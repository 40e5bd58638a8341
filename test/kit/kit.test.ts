import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cutMiddle, headBytes, oneLine } from "../../src/kit/cut.ts";
import { isUuid, uuid7 } from "../../src/kit/id.ts";
import { nearest } from "../../src/kit/nearest.ts";
import { Queue } from "../../src/kit/queue.ts";
import { byteLength, tokensOf } from "../../src/kit/tokens.ts";

test("byteLength is what the encoder writes, for any text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) =>
      assert.equal(byteLength(text), new TextEncoder().encode(text).length),
    ),
  );
  assert.equal(byteLength("a\ud800b"), 5);
});

test("a cut keeps head and tail of the text, fits, and counts exactly what it left out", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: "grapheme", maxLength: 40 }), { maxLength: 60 }),
      fc.integer({ min: 4, max: 200 }),
      (lines, tokens) => {
        const text = lines.join("\n");
        const cut = cutMiddle(text, tokens);
        if (cut === null) return assert.ok(tokensOf(text) <= tokens);
        assert.ok(text.startsWith(cut.head) && text.endsWith(cut.tail));
        const middle = text.slice(cut.head.length, text.length - cut.tail.length);
        assert.equal(cut.cutTokens, tokensOf(middle));
        assert.equal(cut.cutLines, middle.split("\n").length - 1);
        assert.ok(tokensOf(cut.head) + tokensOf(cut.tail) <= tokens + 1);
        assert.ok(cut.head.isWellFormed() && cut.tail.isWellFormed());
      },
    ),
  );
});

test("headBytes and oneLine never split a surrogate pair", () => {
  assert.equal(headBytes("a😀b", 4), "a");
  assert.equal(headBytes("a😀b", 5), "a😀");
  assert.equal(oneLine("  a \n\n b  ", 10), "a b");
  assert.ok(oneLine("😀".repeat(20), 6).isWellFormed());
});

test("ids are UUIDv7 and sort by time", () => {
  const random = new Uint8Array(10).fill(255);
  const [early, late] = [uuid7(1_000, random), uuid7(1_700_000_000_000, new Uint8Array(10))];
  assert.ok(isUuid(early) && isUuid(late));
  assert.ok(early < late);
  assert.equal(late, "018bcfe5-6800-7000-8000-000000000000");
});

test("a queue gives everything that was pushed before its end, in order", async () => {
  const queue = new Queue<number>();
  const read: number[] = [];
  const reading = (async () => {
    for await (const value of queue) {
      read.push(value);
      if (value === 2) queue.push(3);
      if (value === 3) queue.end();
    }
  })();
  queue.push(1);
  await Promise.resolve();
  queue.push(2);
  await reading;
  queue.push(4);
  assert.deepEqual(read, [1, 2, 3]);
});

test("the nearest name is one that could have been meant", () => {
  assert.equal(nearest("resmue", ["resume", "rehearse"]), "resume");
  assert.equal(nearest("modle", ["mode", "model"]), "mode");
  assert.equal(nearest("zebra", ["resume", "rehearse"]), null);
  assert.equal(nearest("cloud", ["a"]), null);
  assert.equal(nearest("x".repeat(100_000), ["resume"]), null);
});
