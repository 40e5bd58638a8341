/** Text made safe and fit for a terminal. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { clip, columnsOf, line, VisibleStream, visible } from "../../src/exec/visible.ts";

test("control characters become readable marks, line breaks and tabs stay", () => {
  assert.equal(visible("a\tb\r\nc\rd\x1b[0m\x7f\x85\u2066"), "a\tb\nc^Md^[[0m^?<U+0085><U+2066>");
});

test("a stream cut anywhere shows the same as the whole text", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: fc.constantFrom("\r", "\n", "😀", "\x1b", "a") })), (pieces) => {
      const units = pieces.join("").split("");
      const stream = new VisibleStream();
      assert.equal(units.map((unit) => stream.take(unit)).join("") + stream.end(), visible(pieces.join("")));
    }),
  );
});

test("a clipped line never takes more than its columns and loses nothing that fits", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("a", "漢", "😀", "e\u0301", " ") }), fc.nat(30), (text, columns) => {
      const clipped = clip(text, columns);
      assert.ok(columnsOf(clipped) <= columns);
      if (columnsOf(text) <= columns) assert.equal(clipped, text);
      assert.equal(Buffer.from(clipped).toString(), clipped, "no half of a pair");
    }),
  );
});

test("a text of several lines becomes one", () => {
  assert.equal(line("a\n\n\tb", 80), "a     b");
  assert.equal(line("abcdef", 4), "abc…");
});
