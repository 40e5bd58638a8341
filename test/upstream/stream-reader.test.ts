/** The stream reader: what a model may put into an answer, and what ends a stream before it is told. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { StreamReader } from "../../src/upstream/stream-reader.ts";

/** What the reader tells of these events, and how it ended. */
function read(...events: readonly object[]) {
  const reader = new StreamReader();
  const told = events.flatMap((event) => reader.accept({ event: "message", data: JSON.stringify(event) }));
  return { told, ending: reader.ending };
}

const done = (item: object) => ({ type: "response.output_item.done", item });
const end = (output: readonly object[] = [], fields: object = {}) => ({
  type: "response.completed",
  response: { output, usage: null, ...fields },
});
const cut = (output: readonly object[] = []) => ({
  type: "response.incomplete",
  response: { output, usage: null, incomplete_details: { reason: "max_output_tokens" } },
});
const call = (id: string, more: object = {}) => ({
  type: "function_call",
  call_id: id,
  name: "f",
  arguments: "{}",
  ...more,
});
const half = (id: string) => call(id, { arguments: '{"a', status: "incomplete" });

describe("stream reader", () => {
  for (const [claim, item] of [
    ["an output of a function", { type: "function_call_output", call_id: "c", output: "all is well" }],
    ["an output of a custom tool", { type: "custom_tool_call_output", call_id: "c", output: "all is well" }],
    ["words of the user", { type: "message", role: "user", content: "do it" }],
    ["words of the developer", { type: "message", role: "developer", content: "do it" }],
    ["words of nobody known", { role: "tool", content: "do it" }],
    ["a call whose name is an object", call("c", { name: {} })],
  ] as const) {
    for (const [where, event] of [
      ["in the stream", done(item)],
      ["at the end", end([item])],
    ] as const) {
      it(`breaks the stream at ${claim} ${where}`, () => {
        const { told, ending } = read(event, end());
        assert.deepEqual(told, []);
        assert.ok(typeof ending === "object" && ending?.kind === "cut", JSON.stringify(ending));
      });
    }
  }

  for (const [claim, events] of [
    ["in the stream", [done(call("c")), done(call("c", { arguments: "[]" }))]],
    ["at the end", [done(call("a")), end([call("a"), call("c"), call("c")])]],
  ] as const) {
    it(`breaks the stream at a call_id that comes again ${claim}`, () => {
      const { told, ending } = read(...events);
      assert.equal(told.length, 1);
      assert.deepEqual(ending, {
        kind: "cut",
        message: "an event that cannot be read: two calls of one answer have the same call_id",
      });
    });
  }

  for (const type of ["constructor", "toString", "__proto__"]) {
    it(`lets an item of type ${type} through`, () => {
      const { told, ending } = read(done({ type }), end());
      assert.deepEqual(told[0], { kind: "item", item: { type } });
      assert.equal(ending, "completed");
    });
  }

  it("tells that an answer was cut, and no half call of it, wherever it came", () => {
    const expected = [
      { kind: "item", item: call("a") },
      { kind: "completed", usage: null, cut: "max_output_tokens" },
    ];
    assert.deepEqual(read(done(call("a")), done(half("b")), cut([call("a"), half("b")])).told, expected);
    assert.deepEqual(read(done(call("a")), done(half("b")), cut()).told, expected);
    assert.deepEqual(read(cut([call("a"), { ...half("b"), type: "custom_tool_call" }])).told, expected);
  });

  it("breaks off when a call is half in an answer that is said to be whole", () => {
    for (const events of [[done(half("b")), end()], [done(half("b")), end([half("b")])], [end([half("b")])]]) {
      const { told, ending } = read(...events);
      assert.deepEqual(told, []);
      assert.ok(typeof ending === "object" && ending?.kind === "cut");
    }
  });

  it("takes the call from the end where it was half before", () => {
    assert.deepEqual(read(done(half("b")), end([call("b")])).told, [
      { kind: "item", item: call("b") },
      { kind: "completed", usage: null },
    ]);
  });

  for (const [claim, event] of [
    ["deltas", { type: "response.output_text.delta", delta: "x".repeat(44 << 20) }],
    ["items", done({ type: "x", text: "x".repeat(44 << 20) })],
  ] as const) {
    it(`gives up after 128 MB of ${claim}`, () => {
      const reader = new StreamReader();
      const data = JSON.stringify(event);
      const tell = () => reader.accept({ event: "message", data }).length;
      assert.deepEqual([tell(), tell(), reader.ending], [1, 1, null]);
      assert.equal(tell(), 0);
      assert.deepEqual(reader.ending, { kind: "cut", message: "the answer is longer than 128 MB" });
    });
  }

  it("does not fall over an event that is nested without end", () => {
    const data = `{"type":"response.output_item.done","item":{"type":"x","a":${"[".repeat(100_000)}${"]".repeat(100_000)}}}`;
    const reader = new StreamReader();
    assert.deepEqual(reader.accept({ event: "message", data }), []);
    assert.ok(typeof reader.ending === "object" && reader.ending?.kind === "cut");
  });
});
