/** Items: what is not known survives, what is relied on is asked for. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  answer,
  type Call,
  callInput,
  contentText,
  type Item,
  isCall,
  isMessage,
  isOutput,
  message,
  parseItem,
  printItem,
} from "../../src/wire/item.ts";

const call: Call = { type: "function_call", call_id: "c1", name: "f", arguments: '{"a":1}' };
const custom: Call = { type: "custom_tool_call", call_id: "c2", name: "apply_patch", input: "*** Begin Patch" };

describe("item", () => {
  for (const [name, text] of [
    [
      "a type nobody knows",
      '{"type":"web_search_call","id":"ws_1","action":{"type":"search","query":"x"},"n":[1,null,true]}',
    ],
    [
      "unknown fields, in their order",
      '{"zz":1,"type":"message","phase":"final","role":"assistant","aa":{"b":2},"content":[]}',
    ],
    ["a part type nobody knows", '{"type":"message","role":"user","content":[{"type":"input_audio","data":"AA=="}]}'],
    ["reasoning with a sealed content", '{"id":"rs_1","type":"reasoning","summary":[],"encrypted_content":"gAAA=="}'],
    [
      "a call whose arguments are not JSON",
      '{"type":"function_call","call_id":"c","name":"f","arguments":"{\\"a\\":","status":"incomplete"}',
    ],
    ["a compaction", '{"id":"cmp_1","type":"compaction","encrypted_content":"x"}'],
  ] as const) {
    it(`keeps ${name}`, () => assert.equal(printItem(parseItem(JSON.parse(text))), text));
  }

  it("keeps every field of any object with a type", () => {
    const anyItem = fc.tuple(fc.string(), fc.dictionary(fc.string(), fc.jsonValue()));
    fc.assert(
      fc.property(anyItem, ([type, fields]) => {
        const text = JSON.stringify({ ...fields, type: `x_${type}` });
        assert.equal(printItem(parseItem(JSON.parse(text))), text);
      }),
    );
  });

  it("takes an object with a role and no type as a message", () => {
    assert.deepEqual(parseItem({ role: "user", content: "hi" }), { type: "message", role: "user", content: "hi" });
  });

  for (const [name, value, words] of [
    ["null", null, /got null/],
    ["a list", [], /got a list/],
    ["a text", "message", /got string/],
    ["no type", { content: "x" }, /no type/],
    ["a message without content", { type: "message", role: "user" }, /"content" is missing/],
    ["a call without call_id", { type: "function_call", name: "f", arguments: "" }, /"call_id" is missing/],
    ["an output without output", { type: "custom_tool_call_output", call_id: "c" }, /"output" is missing/],
    ["a message whose role is no text", { type: "message", role: 1, content: "" }, /"role" is no name/],
    [
      "a message whose content is null",
      { type: "message", role: "user", content: null },
      /"content" is no text or list/,
    ],
    ["a content of texts", { type: "message", role: "user", content: ["x"] }, /"content" is no text or list/],
    ["a part without a type", { type: "message", role: "user", content: [{ text: "x" }] }, /"content" is no/],
    [
      "a text part without text",
      { type: "message", role: "user", content: [{ type: "input_text" }] },
      /"content" is no/,
    ],
    [
      "a refusal that is a number",
      { type: "message", role: "assistant", content: [{ type: "refusal", refusal: 1 }] },
      /"content" is no/,
    ],
    [
      "a call_id that is a number",
      { type: "function_call", call_id: 1, name: "f", arguments: "" },
      /"call_id" is no name/,
    ],
    ["an empty call_id", { type: "custom_tool_call", call_id: "", name: "f", input: "" }, /"call_id" is no name/],
    ["an empty name", { type: "function_call", call_id: "c", name: "", arguments: "" }, /"name" is no name/],
    [
      "arguments that are an object",
      { type: "function_call", call_id: "c", name: "f", arguments: {} },
      /"arguments" is no text/,
    ],
    ["an input that is null", { type: "custom_tool_call", call_id: "c", name: "f", input: null }, /"input" is no text/],
    [
      "an output that is an object",
      { type: "function_call_output", call_id: "c", output: {} },
      /"output" is no text or list/,
    ],
    ["a summary of texts", { type: "reasoning", summary: ["x"] }, /"summary" is no list of texts/],
    ["reasoning that is a text", { type: "reasoning", content: "x" }, /"content" is no list of texts/],
    ["a seal that is a number", { type: "compaction", encrypted_content: 1 }, /"encrypted_content" is no text/],
    [
      "what is nested too deep to print",
      JSON.parse(`{"type":"x","a":${"[".repeat(9000)}${"]".repeat(9000)}}`),
      /256 deep/,
    ],
    ["a compaction without its seal", { type: "compaction" }, /"encrypted_content" is missing/],
  ] as const) {
    it(`refuses ${name}`, () => assert.throws(() => parseItem(value), { name: "TypeError", message: words }));
  }

  for (const type of ["constructor", "toString", "__proto__", "hasOwnProperty"]) {
    it(`takes ${type} as a type like any other that it does not know`, () => {
      assert.equal(parseItem({ type }).type, type);
    });
  }

  it("takes null where reasoning has nothing", () => {
    const item = { type: "reasoning", summary: [], content: null, encrypted_content: null };
    assert.equal(parseItem(item), item);
  });

  it("reads what an older log may hold without a throw", () => {
    const noText: unknown[] = [
      null,
      undefined,
      1,
      {},
      { toString: 1 },
      [null, 1, "x", {}, { text: 1 }, { refusal: {} }, []],
    ];
    for (const value of noText as never[]) {
      assert.equal(contentText(value).trim(), "");
      assert.equal(callInput({ ...call, arguments: value }), "");
      assert.equal(callInput({ ...custom, input: value }), "");
    }
  });

  it("answers a call with the output of its own kind", () => {
    assert.deepEqual(answer(call, "ok"), { type: "function_call_output", call_id: "c1", output: "ok" });
    assert.deepEqual(answer(custom, "ok"), { type: "custom_tool_call_output", call_id: "c2", output: "ok" });
    assert.equal(callInput(call), '{"a":1}');
    assert.equal(callInput(custom), "*** Begin Patch");
  });

  it("tells calls, outputs and messages apart", () => {
    const kinds = (item: Item) => [isCall(item), isOutput(item), isMessage(item, "user"), isMessage(item, "assistant")];
    assert.deepEqual(kinds(call), [true, false, false, false]);
    assert.deepEqual(kinds(answer(custom, "x")), [false, true, false, false]);
    assert.deepEqual(kinds(message("user", "x")), [false, false, true, false]);
    assert.deepEqual(kinds(message("assistant", "x")), [false, false, false, true]);
  });

  it("reads the text of a content and leaves images out", () => {
    const parts = [
      { type: "input_text", text: "a" },
      { type: "input_image", image_url: "data:," },
      { type: "refusal", refusal: "b" },
    ] as const;
    assert.equal(contentText(parts), "a\n\nb");
    assert.equal(contentText("plain"), "plain");
  });
});
