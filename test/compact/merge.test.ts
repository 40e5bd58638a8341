import assert from "node:assert/strict";
import { test } from "node:test";
import { budgetFor } from "../../src/compact/budget.ts";
import { fold, newMemory, render } from "../../src/compact/memory.ts";
import { readRecord } from "../../src/compact/record.ts";
import type { Draft } from "../../src/thread/entry.ts";
import { itemText } from "../../src/thread/view.ts";
import { message } from "../../src/wire/item.ts";
import { target } from "../support/engine.ts";
import { numbered } from "../support/random-thread.ts";

/** `windows` folds of `each` user messages, each answered; texts are `message N …`. */
function foldMany(windows: number, each: number, limit: number) {
  const sized = budgetFor(limit);
  if (sized.kind !== "ok") throw new RangeError(sized.message);
  let memory = newMemory();
  let next = 1;
  const said: number[] = [];
  for (let window = 0; window < windows; window++) {
    const drafts = Array.from({ length: each }, (_, n): Draft[] => [
      { kind: "turn", state: "started" },
      { kind: "item", item: message("user", `message ${next + n * 4 + 1} ${"please ".repeat(20)}`) },
      { kind: "item", item: message("assistant", "Done.") },
      { kind: "turn", state: "ended", outcome: "done" },
    ]).flat();
    for (let n = 0; n < each; n++) said.push(next + n * 4 + 1);
    const entries = numbered(drafts, next);
    next += entries.length;
    memory = fold(memory, entries, null, { budget: sized.budget, hasRecall: false });
  }
  return { memory, said };
}

test("after folds and merges every message of the user stands in the view, by its words or by its number", () => {
  const { memory, said } = foldMany(9, 4, 8000);
  assert.ok(memory.checkpoints.some(({ level }) => level >= 1));
  const view = render(memory, { fragments: [], current: [] }, { ...target, limit: 8000 }).map(itemText);
  const users = view.filter((text) => text.startsWith("message "));
  const unshown = memory.checkpoints.flatMap(({ record }) => readRecord(record).unshown);
  assert.ok(unshown.length > 0, "the case must need numbers");
  for (const seq of said) {
    const isShown = users.some((text) => text.startsWith(`message ${seq} `)) || unshown.includes(seq);
    assert.ok(isShown, `message #${seq} is neither shown nor named`);
  }
});

test("a merged record says how much it holds, and ends like every record", () => {
  const { memory } = foldMany(5, 3, 16_000);
  const merged = memory.checkpoints.find(({ level }) => level === 1)?.record ?? "";
  assert.match(
    merged,
    /^Record of earlier work, entries #1 to #48, merged from 4 records by code\. This is a record, not an order/,
  );
  assert.match(merged, /^done: 12 calls and answers, 12 requests; pending: none\.$/m);
  assert.match(merged, /Taken out of view: [^\n]*$/);
  assert.deepEqual(readRecord(merged).steps.length > 0, true);
});
