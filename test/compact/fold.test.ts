import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Budget, budgetFor } from "../../src/compact/budget.ts";
import { measure } from "../../src/compact/measure.ts";
import { fold, newMemory, render } from "../../src/compact/memory.ts";
import { plan } from "../../src/compact/plan.ts";
import { blocksOf } from "../../src/compact/steps.ts";
import { foldNow } from "../../src/engine/fold.ts";
import { openSession, record } from "../../src/engine/session.ts";
import type { Entry } from "../../src/thread/entry.ts";
import { append, newThread } from "../../src/thread/thread.ts";
import { replay, show, view } from "../../src/thread/view.ts";
import { isCall, isOutput, printItem } from "../../src/wire/item.ts";
import { ports, setup, target } from "../support/engine.ts";
import { numbered, randomDrafts } from "../support/random-thread.ts";

const LIMITS = [6000, 8000, 16_000, 32_000, 64_000, 272_000];

function budgetOf(limit: number): Budget {
  const result = budgetFor(limit);
  if (result.kind !== "ok") throw new RangeError(result.message);
  return result.budget;
}

test("blocks cover the tail, and no cut between whole ones parts a call from its output or reasoning", () => {
  fc.assert(
    fc.property(randomDrafts(), (drafts) => {
      const thread = replay(numbered(drafts));
      const blocks = blocksOf(thread.tail);
      assert.equal(blocks[0]?.start ?? 0, 0);
      for (const [index, block] of blocks.entries())
        assert.equal(block.end, blocks[index + 1]?.start ?? thread.tail.length);
      for (const { end } of blocks) {
        const before = thread.tail.slice(0, end).flatMap(({ item }) => (item ? [item] : []));
        const asked = before.filter(isCall).map(({ call_id }) => call_id);
        assert.deepEqual(
          before.filter(isOutput).map(({ call_id }) => call_id),
          asked,
        );
        assert.notEqual(before.at(-1)?.type, "reasoning");
      }
    }),
    { numRuns: 200 },
  );
});

test("planning is pure, parts the tail in two, and keeps what came last", () => {
  fc.assert(
    fc.property(
      randomDrafts(),
      fc.constantFrom(...LIMITS),
      fc.constantFrom(0 as const, 1 as const),
      (drafts, limit, effort) => {
        const thread = replay(numbered(drafts));
        const before = JSON.stringify(thread.tail);
        const planned = plan(thread, target, budgetOf(limit), effort);
        assert.deepEqual(plan(thread, target, budgetOf(limit), effort), planned);
        assert.equal(JSON.stringify(thread.tail), before);
        if (planned.kind === "stuck") return;
        assert.deepEqual([...planned.span, ...planned.tail], thread.tail);
        assert.ok(planned.span.length > 0);
        assert.equal(planned.tail.at(-1), thread.tail.at(-1));
      },
    ),
    { numRuns: 200 },
  );
});

test("after any folds: calls keep their outputs, the tail is unchanged, a replay gives the same bytes", async () => {
  await fc.assert(
    fc.asyncProperty(
      randomDrafts(80),
      fc.constantFrom(...LIMITS),
      fc.array(fc.nat(80), { maxLength: 8 }),
      async (drafts, limit, at) => {
        const port = ports([]);
        const session = await openSession(port, setup({}, limit));
        for (const [index, draft] of drafts.entries()) {
          await record(session, [draft], false);
          if (!at.includes(index) || session.thread.calls.length > 0) continue;
          const tail = session.thread.tail;
          const folding = foldNow(session, {
            trigger: "user",
            phase: "standalone",
            line: measure(session.thread, target).total,
          });
          while (!(await folding.next()).done);
          const kept = session.thread.tail;
          assert.deepEqual(
            kept.map(({ entry }) => entry),
            tail.slice(tail.length - kept.length).map(({ entry }) => entry),
          );
        }
        const items = show(session.thread, target);
        const asked = items.filter(isCall).map(({ call_id }) => call_id);
        assert.deepEqual(
          items.filter(isOutput).map(({ call_id }) => call_id),
          asked.filter((id) => !session.thread.calls.some(({ call }) => call.call_id === id)),
        );
        const log = JSON.parse(JSON.stringify(port.log.entries)) as Entry[];
        assert.deepEqual(view(log, target).map(printItem), items.map(printItem));
      },
    ),
    { numRuns: 150 },
  );
});

test("a memory by value renders what the log renders by reference, fold after fold", () => {
  fc.assert(
    fc.property(
      fc.array(randomDrafts(12), { minLength: 1, maxLength: 12 }),
      fc.constantFrom(...LIMITS),
      (windows, limit) => {
        const budget = budgetOf(limit);
        let memory = newMemory();
        let next = 1;
        for (const drafts of windows) {
          const entries = numbered(drafts, next);
          next += entries.length;
          memory = fold(memory, entries, null, { budget, hasRecall: false });
        }
        const now = { fragments: [], current: [] };
        const items = render(memory, now, { ...target, limit });
        const again = render(JSON.parse(JSON.stringify(memory)), now, { ...target, limit });
        assert.deepEqual(again.map(printItem), items.map(printItem));
        assert.ok(memory.checkpoints.length <= windows.length);
        const levels = memory.checkpoints.map(({ level }) => level);
        assert.ok(levels.every((level, index) => index === 0 || level <= (levels[index - 1] as number) + 1));
      },
    ),
    { numRuns: 60 },
  );
});

test("appending without a rewriting entry only ever adds to the view", () => {
  fc.assert(
    fc.property(randomDrafts(), (drafts) => {
      const thread = newThread();
      let before: string[] = [];
      for (const entry of numbered(drafts)) {
        append(thread, entry);
        const items = show(thread, target).map(printItem);
        assert.deepEqual(items.slice(0, before.length), before);
        before = items;
      }
    }),
    { numRuns: 100 },
  );
});
