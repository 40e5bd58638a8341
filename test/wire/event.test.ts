/** Stream events: the few we act on, and that all others come through as they are. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseError, parseStreamEvent, parseUsage } from "../../src/wire/event.ts";

const item = { type: "message", id: "msg_1", role: "assistant", content: [], extra: 1 };
const usage = {
  input_tokens: 10,
  input_tokens_details: { cached_tokens: 4, cache_write_tokens: 2 },
  output_tokens: 3,
  output_tokens_details: { reasoning_tokens: 1 },
  total_tokens: 13,
};
const read = { inputTokens: 10, cachedTokens: 4, cacheWriteTokens: 2, outputTokens: 3, reasoningTokens: 1 };

describe("stream event", () => {
  for (const [wire, expected] of [
    [
      { type: "response.created", response: { id: "r" } },
      { kind: "created", id: "r" },
    ],
    [
      { type: "response.output_item.added", item },
      { kind: "item-started", item },
    ],
    [
      { type: "response.output_item.done", item },
      { kind: "item-done", item },
    ],
    [
      { type: "response.output_text.delta", item_id: "i", delta: "x" },
      { kind: "text", itemId: "i", delta: "x" },
    ],
    [
      { type: "response.refusal.delta", item_id: "i", delta: "no" },
      { kind: "text", itemId: "i", delta: "no" },
    ],
    [
      { type: "response.reasoning_summary_text.delta", item_id: "i", delta: "x" },
      { kind: "reasoning", itemId: "i", delta: "x" },
    ],
    [
      { type: "response.reasoning_text.delta", delta: "x" },
      { kind: "reasoning", itemId: "", delta: "x" },
    ],
    [
      { type: "response.completed", response: { id: "r", usage } },
      { kind: "completed", id: "r", usage: read },
    ],
    [{ type: "response.completed" }, { kind: "completed", id: "", usage: null }],
    [
      {
        type: "response.incomplete",
        response: { id: "r", incomplete_details: { reason: "max_output_tokens" }, usage: null },
      },
      { kind: "incomplete", id: "r", reason: "max_output_tokens", usage: null },
    ],
    [
      { type: "response.incomplete", response: {} },
      { kind: "incomplete", id: "", reason: "unknown", usage: null },
    ],
    [
      { type: "response.failed", response: { error: { code: "server_error", message: "m" } } },
      { kind: "failed", error: { code: "server_error", message: "m" } },
    ],
    [
      { type: "error", code: "rate_limit_exceeded", message: "m" },
      { kind: "failed", error: { code: "rate_limit_exceeded", message: "m" } },
    ],
    [
      { type: "error", error: { type: "overloaded_error", message: "m" } },
      { kind: "failed", error: { code: "overloaded_error", message: "m" } },
    ],
  ] as const) {
    it(`reads ${JSON.stringify(wire).slice(0, 70)}`, () => assert.deepEqual(parseStreamEvent(wire), expected));
  }

  it("passes an event it does not know on as it came", () => {
    const event = { type: "response.some_new.thing", sequence_number: 4, deep: { a: [1] } };
    const parsed = parseStreamEvent(event);
    assert.deepEqual(parsed, { kind: "other", type: event.type, event });
    assert.equal(parsed.kind === "other" && parsed.event, event);
  });

  it("refuses what is no event, or holds an item that is none", () => {
    for (const value of [
      null,
      [],
      "x",
      {},
      { type: 3 },
      { type: "response.output_item.done", item: { type: "message" } },
    ]) {
      assert.throws(() => parseStreamEvent(value), TypeError);
    }
  });

  it("counts nonsense in a usage as nothing", () => {
    assert.deepEqual(parseUsage({ input_tokens: "9", output_tokens: -1, input_tokens_details: [] }), {
      inputTokens: 0,
      cachedTokens: 0,
      cacheWriteTokens: 0,
      outputTokens: 0,
      reasoningTokens: 0,
    });
    const absurd = parseUsage({
      input_tokens: 1e9 + 1,
      output_tokens: Number.NaN,
      input_tokens_details: { cached_tokens: 1e300 },
    });
    assert.deepEqual(absurd && Object.values(absurd), [0, 0, 0, 0, 0]);
    assert.equal(parseUsage(null), null);
  });

  it("reads an error in any of its forms", () => {
    assert.deepEqual(parseError("boom"), { code: "", message: "boom" });
    assert.deepEqual(parseError(null), { code: "", message: "" });
    assert.deepEqual(parseError({ type: "t", message: 3 }), { code: "t", message: "" });
  });
});
