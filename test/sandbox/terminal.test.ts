import assert from "node:assert/strict";
import { test } from "node:test";
import type { Process } from "../../src/sandbox/process.ts";
import { isAlive, LONG_MS, NEVER, pidsIn, program, until, withRun } from "./with-run.ts";

const tty = { columns: 101, rows: 33 };

function listen(process: Process): () => string {
  let text = "";
  process.onOutput((more) => {
    text += more;
  });
  return () => text;
}

test("it is a terminal of the size asked for", async (t) => {
  const process = await withRun(t).start({ argv: ["sh", "-c", "tty; stty size; echo $TERM; exit 5"], cwd: "/", tty });
  await process.wait(LONG_MS, NEVER);
  assert.match(process.take().head, /^\/dev\/pts\/\d+\r\n33 101\r\nxterm-256color\r\n$/);
  assert.deepEqual(process.exit(), { code: 5, signal: null });
});

test("what is typed is echoed and read; Ctrl-D ends the input", async (t) => {
  const process = await withRun(t).start({ argv: ["cat"], cwd: "/", tty });
  const text = listen(process);
  await process.write("hello é\n");
  await until(() => text() === "hello é\r\nhello é\r\n", "the echo");
  process.closeInput();
  await process.wait(LONG_MS, NEVER);
  assert.deepEqual(process.exit(), { code: 0, signal: null });
});

test("Ctrl-C interrupts", async (t) => {
  const process = await withRun(t).start({ argv: ["sh", "-c", "echo ready; exec sleep 1000"], cwd: "/", tty });
  const { pid } = process;
  const text = listen(process);
  await until(() => text().includes("ready"), "ready");
  await process.write("\u0003");
  await process.wait(LONG_MS, NEVER);
  assert.deepEqual(process.exit(), { code: null, signal: "SIGINT" });
  assert.equal(isAlive(pid), false);
});

test("the whole tree behind a terminal dies", async (t) => {
  const process = await withRun(t).start({ argv: [program("fork-children.sh")], cwd: "/", tty });
  const text = listen(process);
  await until(() => pidsIn(text()).length === 5, "the pids");
  await process.kill();
  assert.deepEqual(pidsIn(text()).filter(isAlive), []);
  assert.notEqual(process.exit(), null);
});

test("much output comes through whole", async (t) => {
  const process = await withRun(t).start({ argv: ["seq", "1", "20000"], cwd: "/", tty });
  await process.wait(LONG_MS, NEVER);
  assert.equal(process.take().head, Array.from({ length: 20_000 }, (_, index) => `${index + 1}\r\n`).join(""));
});

test("a folder that is not there is an answer", async (t) => {
  const process = await withRun(t).start({ argv: ["true"], cwd: "/nope", tty });
  assert.equal(process.take().head, "Cannot start true: there is no folder /nope\n");
  assert.deepEqual(process.exit(), { code: 127, signal: null });
});

test("a program that is not there is an answer", async (t) => {
  const process = await withRun(t).start({ argv: ["/nope"], cwd: "/", tty });
  await process.wait(LONG_MS, NEVER);
  assert.notEqual(process.exit()?.code, 0);
});
