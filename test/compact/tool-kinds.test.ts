/** What calls mean, also where a log holds what no call should be. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { newLedger, step } from "../../src/compact/ledger.ts";
import { outcomeOf } from "../../src/compact/outcome.ts";
import { meaningOf, patchPaths } from "../../src/compact/tool-kinds.ts";
import type { Draft } from "../../src/thread/entry.ts";
import { answer, type Call } from "../../src/wire/item.ts";
import { numbered } from "../support/random-thread.ts";

const ledgerOf = (drafts: readonly Draft[]) =>
  numbered(drafts).reduce((ledger, entry) => step(ledger, entry), newLedger());

test("a log whose items are not what they say is read all the same", () => {
  const tools = ["bash", "write_stdin", "apply_patch", "edit", "read", "update_plan", "taskcreate", "constructor"];
  const odd = fc.oneof(fc.jsonValue(), fc.constantFrom<unknown>({ toString: 1 }, [{ toString: 1 }], undefined, [null]));
  const args = fc.dictionary(
    fc.constantFrom("cmd", "command", "chars", "session_id", "path", "patch", "input", "plan", "todos", "subject"),
    odd,
  );
  const call = fc.record({
    type: fc.constantFrom("function_call", "custom_tool_call"),
    call_id: fc.constantFrom("a", "toString", "constructor"),
    name: fc.oneof(fc.constantFrom<unknown>(...tools), odd),
    arguments: fc.oneof(
      args.map((value) => JSON.stringify(value)),
      odd,
    ),
    input: fc.oneof(fc.string(), odd),
  });
  fc.assert(
    fc.property(call, odd, (one, output) => {
      const item = one as Call;
      const { kind } = meaningOf(item);
      assert.ok(["command", "input", "patch", "edit", "read", "plan", "plan-add", "other"].includes(kind), kind);
      outcomeOf(output as string);
      patchPaths(output as string);
      ledgerOf([
        { kind: "item", item },
        { kind: "item", item: answer(item, output as string) },
        { kind: "item", item: { type: "message", role: "user", content: output as string } },
        { kind: "item", item: { type: "message", role: "assistant", content: output as string } },
      ]);
    }),
    { numRuns: 1000 },
  );
});

test("a patch names its paths, however much blank stands in its lines", () => {
  assert.deepEqual(
    patchPaths("*** Add File: a b.ts \r\n*** Move to: no.ts\n*** Update File: c.ts\n*** Move to: d.ts"),
    [
      { path: "a b.ts", change: "add", movedTo: "no.ts" },
      { path: "c.ts", change: "update", movedTo: "d.ts" },
    ],
  );
  const start = performance.now();
  assert.equal(patchPaths(`*** Add File: ${" ".repeat(300_000)}x`).length, 1);
  assert.ok(performance.now() - start < 10_000); // some 2 ms; half a minute when each blank starts a search to the end
});
