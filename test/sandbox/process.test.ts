import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Output } from "../../src/sandbox/output.ts";
import { Process } from "../../src/sandbox/process.ts";
import { LONG_MS, NEVER, tempFolder } from "./with-run.ts";

function gone(t: TestContext): { process: Process; receive: (bytes: Uint8Array) => void } {
  const spill = { dir: tempFolder(t), limitBytes: 1000, name: "out" };
  const output = new Output({ bufferBytes: 1000, mask: (text) => text, spill });
  const process = new Process({ output, mark: "none", startedAt: 0, graceMs: 10, onEnd: () => {} });
  const receive = output.channel();
  process.left({ code: 0, signal: null });
  return { process, receive };
}

test("output that waits in the pipe is read before the end, also when we were busy for long", async (t) => {
  const { process, receive } = gone(t);
  setImmediate(() => receive(Buffer.from("late\n")));
  const startedAt = performance.now();
  while (performance.now() - startedAt < 250); // nothing else can run
  await process.wait(LONG_MS, NEVER);
  assert.equal(process.take().head, "late\n");
});

test("output that never stops does not hold up the end for ever", async (t) => {
  const { process, receive } = gone(t);
  const flood = setInterval(() => receive(Buffer.from("x\n")), 5);
  t.after(() => clearInterval(flood));
  await process.wait(LONG_MS, NEVER);
  assert.deepEqual(process.exit(), { code: 0, signal: null });
});
