import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { clipText, clipTo } from "../../src/thread/clip.ts";
import type { Draft, Entry } from "../../src/thread/entry.ts";
import { hiddenBy } from "../../src/thread/hidden.ts";
import { itemText, view } from "../../src/thread/view.ts";
import { answer, type Call, type Item, message, printItem } from "../../src/wire/item.ts";
import { target } from "../support/engine.ts";
import { numbered, randomDrafts } from "../support/random-thread.ts";

const call = (id: string): Call => ({ type: "function_call", call_id: id, name: "exec_command", arguments: "{}" });
const item = (one: Item): Draft => ({ kind: "item", item: one });
const texts = (entries: readonly Entry[], more = {}) =>
  view(entries, { ...target, ...more }).map((one) => itemText(one) || one.type);

/** A stored fold of entries 1 to `to`, as a log has it. */
const foldOf = (
  to: number,
  users: { seq: number; clip?: { head: number; tail: number } }[],
  record: string,
): Draft => ({
  kind: "fold",
  level: 0,
  generation: 0,
  from: 1,
  to,
  users,
  record,
  trigger: "limit",
  phase: "in-turn",
  rung: "digest",
  now: [{ role: "user", text: `now ${to}` }],
  clips: [],
  tokensBefore: 9,
  tokensAfter: 1,
  durationMs: 0,
  renderer: 1,
  frozen: { items: 0, sha256: "" },
});

const six: Draft[] = [
  item(message("user", "first words")),
  item(call("a")),
  item(answer(call("a"), "out a")),
  item(message("user", "second words")),
  item(call("b")),
  item(answer(call("b"), "out b")),
];

test("a fold shows the span's user messages, the record and now in front of the tail", () => {
  const log = numbered([...six, foldOf(3, [{ seq: 1 }], "record one")]);
  assert.deepEqual(texts(log), ["first words", "record one", "now 3", "second words", "function_call", "out b"]);
});

test("a user message under a clip shows its head, its tail and its number", () => {
  const log = numbered([...six, foldOf(3, [{ seq: 1, clip: { head: 3, tail: 2 } }], "r")]);
  assert.equal(texts(log)[0], "fir\n[… 6 characters left out here; the whole is entry #1 …]\nds");
});

test("undo gives back exactly the view before the fold and its merges, and may be repeated", () => {
  const before = numbered([...six, foldOf(3, [{ seq: 1 }], "one")]);
  const merge: Draft = {
    kind: "merge",
    takes: [7],
    level: 1,
    generation: 1,
    from: 1,
    to: 3,
    users: [{ seq: 1 }],
    record: "merged",
  };
  const folded = [...before, ...numbered([merge, foldOf(6, [{ seq: 4 }], "two")], 8)];
  assert.deepEqual(texts(folded), ["first words", "merged", "second words", "two", "now 6"]);
  const undone = [...folded, ...numbered([{ kind: "undo", fold: 9 }], 10)];
  assert.deepEqual(texts(undone), texts(before));
  const twice = [...undone, ...numbered([{ kind: "undo", fold: 7 }], 11)];
  assert.deepEqual(texts(twice), texts(numbered(six)));
});

test("a merge whose fold never came has no effect", () => {
  const merge: Draft = {
    kind: "merge",
    takes: [7],
    level: 1,
    generation: 1,
    from: 1,
    to: 3,
    users: [],
    record: "merged",
  };
  const log = numbered([...six, foldOf(3, [{ seq: 1 }], "one")]);
  assert.deepEqual(texts([...log, ...numbered([merge], 8)]), texts(log));
});

test("a revert hides what came after its place, folds included, and a later one can hide it in turn", () => {
  const log = numbered([
    ...six,
    foldOf(3, [{ seq: 1 }], "one"),
    { kind: "revert", to: 3 },
    item(message("user", "other way")),
  ]);
  assert.deepEqual(texts(log), ["first words", "function_call", "out a", "other way"]);
  const back = [...log, ...numbered([{ kind: "revert", to: 7 }], 10)];
  assert.deepEqual(texts(back), texts(numbered([...six, foldOf(3, [{ seq: 1 }], "one")])));
  assert.equal(hiddenBy([{ seq: 5, ts: "", kind: "revert", to: 2 }])(2), null);
});

test("mask leaves a call its output, without the text", () => {
  const log = numbered([...six, { kind: "mask", seqs: [3] }]);
  assert.match(texts(log)[2] as string, /the whole is entry #3/);
  assert.equal(texts(log)[5], "out b");
});

test("reasoning goes only to the family that wrote it, images only to those who see, native items to those who open them", () => {
  const log = numbered([
    {
      kind: "settings",
      model: "m",
      provider: "scripted",
      family: "test",
      limit: 100,
      limitFrom: "setup",
      images: true,
      cwd: "/",
      policy: "",
      tools: "",
    },
    item({ type: "reasoning", summary: [], encrypted_content: "x" }),
    item({ type: "message", role: "user", content: [{ type: "input_image", image_url: "data:x" }] }),
    { kind: "native", item: { type: "compaction", encrypted_content: "z" }, provider: "scripted", family: "test" },
  ]);
  assert.deepEqual(
    view(log, { ...target, seals: true }).map(({ type }) => type),
    ["reasoning", "message", "compaction"],
  );
  assert.deepEqual(texts(log, { family: "other", images: false }), ["[an image that this model cannot see]"]);
});

test("unknown kinds and fields of entries are kept and ignored", () => {
  const log = [...numbered(six), { seq: 7, ts: "", kind: "from-the-future", more: 1 } as unknown as Entry];
  assert.deepEqual(texts(log), texts(numbered(six)));
});

test("the view is pure: it changes no entry, and an epoch alone changes the head", () => {
  fc.assert(
    fc.property(randomDrafts(), (drafts) => {
      const log = numbered(drafts);
      const before = JSON.stringify(log);
      const items = view(log, target).map(printItem);
      assert.deepEqual(view(log, target).map(printItem), items);
      assert.equal(JSON.stringify(log), before);
      const epoch: Draft = { kind: "epoch", base: "B", place: "developer", tools: [], fragments: [], cause: "test" };
      const after = view([...log, ...numbered([epoch], log.length + 1)], target).map(printItem);
      assert.deepEqual(after, [printItem(message("developer", "B")), ...items]);
    }),
    { numRuns: 100 },
  );
});

test("a clip never splits a surrogate pair and leaves a short text alone", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), fc.nat(120), (text, chars) => {
      const clip = clipTo(text, chars);
      assert.ok(text.slice(0, clip.head).isWellFormed());
      assert.ok(clip.tail === 0 || text.slice(-clip.tail).isWellFormed());
      if (chars >= text.length) assert.equal(clipText(text, clipTo(text, chars * 3), 1), text);
    }),
  );
});

test("an output that answers no call is in the log and in no view; an id that comes again pairs in order", () => {
  const log = numbered([
    item(answer(call("a"), "orphan")),
    item(call("a")),
    item(answer(call("a"), "one")),
    item(answer(call("a"), "two")),
    item(call("a")),
    item(call("a")),
    item(answer(call("a"), "three")),
  ]);
  assert.deepEqual(texts(log), ["function_call", "one", "function_call", "function_call", "three"]);
});

test("a second clip counts from the message as it was said", () => {
  const long = "x".repeat(10_000);
  const drafts: Draft[] = [
    ...six.slice(0, 3),
    { kind: "item", item: message("user", long), clip: { head: 4000, tail: 2000 } },
    ...six.slice(4),
  ];
  const again = { ...foldOf(3, [], "r"), clips: [{ seq: 4, clip: { head: 20, tail: 10 } }] } as Draft;
  const shown = texts(numbered([...drafts, again])).find((one) => one.startsWith("xxx")) as string;
  assert.match(shown, /9970 characters left out/);
});

test("sealed reasoning goes to no other provider, even of the same family", () => {
  const log = numbered([
    {
      kind: "settings",
      model: "m",
      provider: "one",
      family: "test",
      limit: 9,
      limitFrom: "setup",
      images: true,
      cwd: "/",
      policy: "",
      tools: "",
    },
    item({ type: "reasoning", summary: [], encrypted_content: "x" }),
    item({ type: "reasoning", summary: [{ type: "summary_text", text: "open" }] }),
  ]);
  assert.equal(view(log, { ...target, provider: "one" }).length, 2);
  assert.equal(view(log, { ...target, provider: "two" }).length, 1);
});
