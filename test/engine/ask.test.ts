/** One request and its stream, as the turn sees it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openSession } from "../../src/engine/session.ts";
import { runTurn } from "../../src/engine/turn.ts";
import { drain, ports, says, setup } from "../support/engine.ts";

test("an answer that was cut at the output limit is kept, and the user is told", async () => {
  const port = ports([
    [
      { kind: "item", item: says("Half of") },
      { kind: "completed", usage: null, cut: "max_output_tokens" },
    ],
  ]);
  const session = await openSession(port, setup());
  const { events, result } = await drain(runTurn(session, "say it", new AbortController().signal));
  assert.deepEqual(result, { kind: "done", text: "Half of" });
  assert.deepEqual(
    events.filter(({ kind }) => kind === "notice"),
    [{ kind: "notice", text: "The answer was cut at the model's output limit." }],
  );
});
