/** Requests: the same request gives the same bytes, in the key order that caches count on. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { message, printItem } from "../../src/wire/item.ts";
import { printRequest, printSorted, type Request, type Settings } from "../../src/wire/request.ts";

const utf8 = new TextEncoder();
const settings: Settings = { model: "m", cacheKey: "thread", parallelToolCalls: true, reasoning: { effort: "medium" } };
const items = [message("user", "hé"), { type: "<unknown>" as const }, message("assistant", "ja")];
const input = items.map((item) => utf8.encode(printItem(item)));
const request: Request = { instructions: "Be kind.", tools: "[]", input, settings };

const bytes = (asked: Request): string => Buffer.concat(printRequest(asked).chunks).toString("utf8");
const keys = (asked: Request): string[] => Object.keys(JSON.parse(bytes(asked)));

describe("request", () => {
  it("prints its keys in one order", () => {
    const head = ["model", "stream", "instructions", "input", "tools", "tool_choice", "parallel_tool_calls"];
    assert.deepEqual(keys(request), [...head, "reasoning", "store", "include", "prompt_cache_key"]);
    const full = { ...settings, maxOutputTokens: 9, schema: { name: "answer", schema: { type: "object" } } };
    assert.deepEqual(keys({ ...request, settings: full }), [
      ...[...head, "reasoning", "max_output_tokens", "store", "include", "prompt_cache_key", "text"],
    ]);
  });

  it("prints the body that a server is to read", () => {
    assert.deepEqual(JSON.parse(bytes({ ...request, instructions: "", settings: { ...settings, reasoning: null } })), {
      model: "m",
      stream: true,
      input: items,
      tools: [],
      tool_choice: "auto",
      parallel_tool_calls: true,
      store: false,
      include: [],
      prompt_cache_key: "thread",
    });
    assert.deepEqual(JSON.parse(bytes(request)).include, ["reasoning.encrypted_content"]);
  });

  it("gives equal bytes for equal requests, and the item bytes themselves", () => {
    assert.equal(bytes(request), bytes(structuredClone(request)));
    const { chunks } = printRequest(request);
    for (const item of input) assert.ok(chunks.includes(item), "the chunk of an item is the one passed in");
  });

  it("says how many bytes it is", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "grapheme" })), fc.string({ unit: "grapheme" }), (texts, instructions) => {
        const some = { ...request, instructions, input: texts.map((text) => utf8.encode(JSON.stringify(text))) };
        const { chunks, sizeBytes } = printRequest(some);
        const whole = Buffer.concat(chunks);
        assert.equal(sizeBytes, whole.length);
        assert.deepEqual(
          JSON.parse(whole.toString("utf8")).input,
          texts.map((text) => JSON.parse(JSON.stringify(text)).toWellFormed()),
        );
      }),
    );
  });

  it("only grows at the end of its input when items are added", () => {
    const head = (asked: Request) => bytes(asked).split('],"tools":')[0] as string;
    const longer = { ...request, input: [...input, utf8.encode(printItem(message("user", "more")))] };
    assert.ok(head(longer).startsWith(head(request)));
  });

  it("prints a shuffled schema to the same bytes, lists left in their order", () => {
    const shuffled = { b: [{ d: 1, c: 2 }, 3], a: { z: null, y: "x" } };
    assert.equal(printSorted(shuffled), '{"a":{"y":"x","z":null},"b":[{"c":2,"d":1},3]}');
    assert.equal(printSorted({ a: { y: "x", z: null }, b: [{ c: 2, d: 1 }, 3] }), printSorted(shuffled));
  });
});
