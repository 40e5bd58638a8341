import assert from "node:assert/strict";
import { test } from "node:test";
import { createShellTools } from "../../src/tools/shell-tools.ts";
import { createUpdatePlan } from "../../src/tools/update-plan.ts";
import { createViewImage } from "../../src/tools/view-image.ts";
import { isAlive, NEVER, pidsIn, program, withRun } from "../sandbox/with-run.ts";

test("what the tools cost in every prompt stays small", (t) => {
  const { execCommand, writeStdin } = createShellTools(withRun(t), { shell: "/bin/sh", now: () => 0 });
  const all = [execCommand, writeStdin, createUpdatePlan(), createViewImage({ images: true })].map(({ spec }) => spec);
  const size = Buffer.byteLength(JSON.stringify(all));
  assert.ok(size <= 2200, `${size} bytes`);
  assert.deepEqual(
    all.map(({ name }) => name),
    ["exec_command", "write_stdin", "update_plan", "view_image"],
  );
});

test("commands may run side by side, typing may not", (t) => {
  const { execCommand, writeStdin } = createShellTools(withRun(t), { shell: "/bin/sh", now: () => 0 });
  assert.deepEqual([execCommand.parallel, writeStdin.parallel], [true, false]);
});

test("closing the tools ends their sessions", async (t) => {
  const tools = createShellTools(withRun(t), { shell: "/bin/sh", now: () => 0 });
  const input = JSON.stringify({ cmd: program("setsid-child.sh"), yield_time_ms: 250 });
  const { output } = await tools.execCommand.run(input, { cwd: "/", outputTokens: 1000, progress: () => {} }, NEVER);
  const pids = pidsIn(String(output));
  assert.equal(pids.length, 2);
  await tools.close();
  assert.deepEqual(pids.filter(isAlive), []);
});
