import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import type { Process } from "../../src/sandbox/process.ts";
import { isAlive, LONG_MS, NEVER, pidsIn, program, until, withRun } from "./with-run.ts";

/** The pids the program says, once it has said as many as expected. */
async function pidsOf(process: Process, count: number): Promise<number[]> {
  let text = "";
  await until(() => {
    text += process.take().head;
    return pidsIn(text).length === count;
  }, `${count} pids`);
  return pidsIn(text);
}

test("a command is ended by TERM", async (t) => {
  const process = await withRun(t).start({ argv: [program("forever.sh")], cwd: "/" });
  const pids = await pidsOf(process, 1);
  await process.kill();
  assert.deepEqual(process.exit(), { code: null, signal: "SIGTERM" });
  assert.deepEqual(pids.filter(isAlive), []);
});

test("one that ignores TERM is ended by KILL", async (t) => {
  const process = await withRun(t, { graceMs: 100 }).start({ argv: [program("ignore-sigterm.sh")], cwd: "/" });
  const pids = await pidsOf(process, 1);
  await process.kill();
  assert.deepEqual(process.exit(), { code: null, signal: "SIGKILL" });
  assert.deepEqual(pids.filter(isAlive), []);
});

test("all its children die with it", async (t) => {
  const process = await withRun(t).start({ argv: [program("fork-children.sh")], cwd: "/" });
  const pids = await pidsOf(process, 5);
  assert.equal(pids.filter(isAlive).length, 5);
  await process.kill();
  assert.deepEqual(pids.filter(isAlive), []);
});

test("a child that left the group and lost its parent dies with it", async (t) => {
  const process = await withRun(t).start({ argv: [program("setsid-child.sh")], cwd: "/" });
  const pids = await pidsOf(process, 2);
  await process.kill();
  assert.deepEqual(pids.filter(isAlive), []);
});

test("what an ended command left behind lives on, until the runner is closed", async (t) => {
  const run = withRun(t);
  const process = await run.start({ argv: [program("hold-pipe.sh")], cwd: "/" });
  await process.wait(LONG_MS, NEVER);
  const pids = pidsIn(process.take().head);
  assert.equal(pids.filter(isAlive).length, 1);
  await run.close();
  assert.deepEqual(pids.filter(isAlive), []);
});

test("closing ends everything, and nothing can be started afterwards", async (t) => {
  const run = withRun(t);
  const started = await Promise.all(
    ["forever.sh", "fork-children.sh"].map((name) => run.start({ argv: [program(name)], cwd: "/" })),
  );
  const pids = [...(await pidsOf(started[0]!, 1)), ...(await pidsOf(started[1]!, 5))];
  await run.close();
  assert.deepEqual(pids.filter(isAlive), []);
  const late = await run.start({ argv: ["true"], cwd: "/" });
  assert.deepEqual(late.exit(), { code: 126, signal: null });
});

test("a command of another runner is left alone", async (t) => {
  const process = await withRun(t).start({ argv: [program("forever.sh")], cwd: "/" });
  const other = withRun(t);
  await (await other.start({ argv: ["true"], cwd: "/" })).wait(LONG_MS, NEVER);
  await other.close();
  assert.equal(process.exit(), null);
});

test("all can be killed at once when our own process exits", async () => {
  const script = `
    import { createRun } from ${JSON.stringify(new URL("../../src/sandbox/run.ts", import.meta.url).href)};
    const run = createRun({ spillDir: "/nonexistent", mask: (text) => text, env: process.env });
    process.on("exit", () => run.killAllNow());
    let text = "";
    for (const name of ["ignore-sigterm.sh", "setsid-child.sh"]) {
      const child = await run.start({ argv: [${JSON.stringify(program(""))} + name], cwd: "/" });
      child.onOutput((more) => {
        text += more;
        if (text.match(/pid/g).length === 3) {
          process.stdout.write(text);
          process.exit(0);
        }
      });
    }`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.on("data", (bytes) => {
    text += bytes;
  });
  await once(child, "close");
  const pids = pidsIn(text);
  assert.equal(pids.length, 3);
  await until(() => pids.filter(isAlive).length === 0, "all dead");
});
