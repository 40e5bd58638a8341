/** Plan: what the pure rooms cost in a thread of many items: append, ledger, view, measure, plan. */
import { type Budget, budgetFor } from "../src/compact/budget.ts";
import { newLedger, step } from "../src/compact/ledger.ts";
import { measure } from "../src/compact/measure.ts";
import { plan } from "../src/compact/plan.ts";
import type { Draft, Entry } from "../src/thread/entry.ts";
import { append, newThread } from "../src/thread/thread.ts";
import { show, type Target } from "../src/thread/view.ts";
import { message } from "../src/wire/item.ts";
import type { Row, Table } from "./table.ts";

const SIZES = [10_000, 1000];
const OUTPUT_BYTES = 2000;
const target: Target = { provider: "bench", family: "bench", limit: 4_000_000, images: false, seals: false };

type Measured = Readonly<Record<string, number>>;

export function measurePlan(repeats: number): Table {
  const found: Measured[][] = SIZES.map(() => []);
  for (let round = 0; round <= repeats; round++) {
    for (const [index, size] of SIZES.entries()) {
      const one = measureThread(size);
      if (round > 0) found[index]?.push(one);
    }
  }
  const row = (name: string, unit: string): Row => ({
    name,
    unit,
    values: found.map((runs) => runs.map((run) => run[name] ?? 0)),
  });
  return {
    title: `plan: a thread in memory, one output of ${OUTPUT_BYTES} bytes to two items`,
    columns: SIZES.map((size) => `${size} items`),
    ratio: "10 = linear",
    rows: [
      row("append all", "ms"),
      row("ledger, all", "ms"),
      row("view", "ms"),
      row("measure, first", "ms"),
      row("measure, again", "ms"),
      row("plan a fold", "ms"),
    ],
    notes: ["measure, first: prints every item; they are kept, so that a step pays for its new items only."],
  };
}

function measureThread(size: number): Measured {
  const entries = entriesOf(size);
  const thread = newThread();
  const ledger = newLedger();
  const times: Record<string, number> = {};
  const time = (name: string, run: () => void): void => {
    const before = performance.now();
    run();
    times[name] = performance.now() - before;
  };
  time("append all", () => {
    for (const entry of entries) append(thread, entry);
  });
  time("ledger, all", () => {
    for (const entry of entries) step(ledger, entry);
  });
  time("measure, first", () => measure(thread, target));
  time("measure, again", () => measure(thread, target));
  time("view", () => show(thread, target));
  time("plan a fold", () => plan(thread, target, budget()));
  return times;
}

function budget(): Budget {
  const sized = budgetFor(200_000);
  if (sized.kind !== "ok") throw new Error(sized.message);
  return sized.budget;
}

/** A turn of so many items: a call, its output, again and again. */
function entriesOf(size: number): Entry[] {
  const drafts: Draft[] = [
    { kind: "turn", state: "started" },
    { kind: "item", item: message("user", "Read all files.") },
  ];
  for (let index = 1; index < size; index += 2) {
    const call_id = `call_${index}`;
    const args = JSON.stringify({ cmd: `cat data/${index}.txt` });
    drafts.push({ kind: "item", item: { type: "function_call", call_id, name: "exec_command", arguments: args } });
    const output = `${index}: ${"the quick brown fox\n".repeat(OUTPUT_BYTES / 20)}`;
    const result = { ok: true, exit: 0 };
    drafts.push({ kind: "item", item: { type: "function_call_output", call_id, output }, result });
  }
  const ts = "2026-01-01T00:00:00.000Z";
  return drafts.map((draft, index): Entry => ({ seq: index + 1, ts, ...draft }) as Entry);
}
