/** Random threads: logs with every shape a tail can have, for property tests. */
import fc from "fast-check";
import type { Draft, Entry } from "../../src/thread/entry.ts";
import { answer, type Call, type Item, message } from "../../src/wire/item.ts";

type Deed =
  | { kind: "said"; text: string }
  | { kind: "step"; thinks: boolean; talks: boolean; outputs: readonly string[]; ok: boolean }
  | { kind: "fragment"; text: string }
  | { kind: "ended" };

const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("said" as const), text: fc.string({ maxLength: 300 }) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("step" as const),
      thinks: fc.boolean(),
      talks: fc.boolean(),
      outputs: fc.array(fc.string({ maxLength: 2000 }), { maxLength: 3 }),
      ok: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("fragment" as const), text: fc.string({ maxLength: 60 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("ended" as const) }) },
);

/** What happened, as drafts; every call has its output. */
export const randomDrafts = (max = 60): fc.Arbitrary<Draft[]> =>
  fc.array(deed, { minLength: 1, maxLength: max }).map((deeds) => deeds.flatMap(draftsOf));

function draftsOf(one: Deed, index: number): Draft[] {
  const item = (wire: Item, more: object = {}): Draft => ({ kind: "item", item: wire, ...more }) as Draft;
  switch (one.kind) {
    case "said":
      return [{ kind: "turn", state: "started" }, item(message("user", `${index}: ${one.text}`))];
    case "fragment":
      return [{ kind: "fragment", fragment: { name: "environment", role: "user", text: one.text } }];
    case "ended":
      return [{ kind: "turn", state: "ended", outcome: "done" }];
    case "step": {
      const calls = one.outputs.map(
        (_, n): Call => ({
          type: "function_call",
          call_id: `c${index}.${n}`,
          name: n === 1 ? "update_plan" : "exec_command",
          arguments: JSON.stringify(
            n === 1 ? { plan: [{ step: `s${index}`, status: "pending" }] } : { cmd: `npm test ${index}` },
          ),
        }),
      );
      const outputs = calls.map((call, n) =>
        item(answer(call, `exit code ${one.ok ? 0 : 1} · 0.1 s\n${one.outputs[n]}`)),
      );
      const talk = one.talks || calls.length === 0 ? [item(message("assistant", `Step ${index}.`))] : [];
      const thought = one.thinks ? [item({ type: "reasoning", summary: [], encrypted_content: `r${index}` })] : [];
      return [...thought, ...talk, ...calls.map((call) => item(call)), ...outputs];
    }
  }
}

/** Drafts as entries with seqs from 1. */
export const numbered = (drafts: readonly Draft[], first = 1): Entry[] =>
  drafts.map((draft, index) => ({ seq: first + index, ts: "2026-01-01T00:00:00.000Z", ...draft }) as Entry);
