import assert from "node:assert/strict";
import { test } from "node:test";
import { outcomeLines } from "../../src/exec/call-lines.ts";
import { Screen } from "../../src/exec/screen.ts";
import type { Call } from "../../src/wire/item.ts";
import { answer } from "../../src/wire/item.ts";

test("an output that was cut is counted whole, with what the model saw beside it", () => {
  const call: Call = { type: "function_call", call_id: "a", name: "exec_command", arguments: '{"cmd":"seq 1 200000"}' };
  const cut = [
    "1",
    "2",
    "[… 330,000 tokens in 199,996 lines left out; the whole output is in /x …]",
    "199999",
    "200000",
  ];
  const output = answer(call, `exit code 0 · 0.1 s\n${cut.join("\n")}`);
  const sink = { write: () => {}, isTTY: false, columns: undefined };
  const lines = outcomeLines(
    new Screen({ stdout: sink, stderr: sink }, {}),
    { call, output, result: { ok: true, exit: 0, durationMs: 100 } },
    { title: "", ms: 100 },
  );
  assert.deepEqual(lines, ["  ✓ exit 0 · 100 ms · 200,000 lines, 4 shown"]);
});
