import assert from "node:assert/strict";
import { test } from "node:test";
import { createUpdatePlan } from "../../src/tools/update-plan.ts";

const context = { cwd: "/", outputTokens: 1000, progress: () => {} };
const signal = new AbortController().signal;
const tool = createUpdatePlan();
const call = (args: unknown) => tool.run(JSON.stringify(args), context, signal);
const step = (status: unknown) => ({ step: "do it", status });

test("a plan is taken and counted", async () => {
  const plan = [step("completed"), step("in_progress"), step("pending")];
  assert.deepEqual(await call({ explanation: "why", plan }), {
    output: "plan updated: 1 of 3 done",
    result: { ok: true },
  });
  assert.deepEqual(await call({ plan: [] }), { output: "plan updated: 0 of 0 done", result: { ok: true } });
});

const wrong: [args: unknown, output: string][] = [
  [{}, '"plan" is missing; expected a list.'],
  [{ plan: "x" }, '"plan" is a string; expected a list.'],
  [{ plan: [1] }, '"plan[0]" is no object; expected {"step", "status"}.'],
  [{ plan: [step("pending"), { status: "pending" }] }, '"plan[1].step" is missing; expected a string.'],
  [{ plan: [step("done")] }, '"plan[0].status" must be one of pending, in_progress, completed.'],
  [{ plan: [step("in_progress"), step("in_progress")] }, '"plan" has 2 steps in_progress; expected at most one.'],
];
for (const [args, message] of wrong) {
  test(`a sentence says what is wrong with ${JSON.stringify(args)}`, async () => {
    assert.deepEqual(await call(args), { output: `The plan was not updated. ${message}`, result: { ok: false } });
  });
}

test("it is described by how far the plan is", () => {
  assert.equal(tool.describe(JSON.stringify({ plan: [step("completed"), step("pending")] })), "plan: 1 of 2 done");
  assert.equal(tool.describe("{"), "plan");
});
