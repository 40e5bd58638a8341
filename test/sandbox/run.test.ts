import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { test } from "node:test";
import type { Process } from "../../src/sandbox/process.ts";
import { ENV, LONG_MS, NEVER, program, tempFolder, until, withRun } from "./with-run.ts";

const sh = (script: string): string[] => ["/bin/sh", "-c", script];

async function textOf(process: Process): Promise<string> {
  await process.wait(LONG_MS, NEVER);
  return process.take().head;
}

test("output and exit code of a command", async (t) => {
  const process = await withRun(t).start({ argv: sh("echo out; echo err >&2; exit 3"), cwd: "/" });
  assert.deepEqual((await textOf(process)).split("\n").sort(), ["", "err", "out"]);
  assert.deepEqual(process.exit(), { code: 3, signal: null });
});

test("a signal that ended it", async (t) => {
  const process = await withRun(t).start({ argv: sh("kill -KILL $$"), cwd: "/" });
  await process.wait(LONG_MS, NEVER);
  assert.deepEqual(process.exit(), { code: null, signal: "SIGKILL" });
});

test("waiting ends with the time or the abort, and the command goes on", async (t) => {
  const process = await withRun(t).start({ argv: [program("forever.sh")], cwd: "/" });
  await process.wait(30, NEVER);
  assert.equal(process.exit(), null);
  const abort = new AbortController();
  const waiting = process.wait(LONG_MS, abort.signal);
  abort.abort();
  await waiting;
  await process.wait(LONG_MS, AbortSignal.abort());
  assert.equal(process.exit(), null);
});

test("what is written goes to its input until that is closed", async (t) => {
  const process = await withRun(t).start({ argv: ["cat"], cwd: "/" });
  await process.write("one\n");
  await process.write("two é\n");
  process.closeInput();
  assert.equal(await textOf(process), "one\ntwo é\n");
  assert.deepEqual(process.exit(), { code: 0, signal: null });
  await process.write("too late\n");
});

test("without input it reads an empty one", async (t) => {
  const process = await withRun(t).start({ argv: sh("cat; readlink /proc/self/fd/0"), cwd: "/", input: false });
  assert.equal(await textOf(process), "/dev/null\n");
});

test("a program that never reads does not hold up who writes to a command that ends", async (t) => {
  const process = await withRun(t).start({ argv: sh("exit 0"), cwd: "/" });
  await process.write("x".repeat(1 << 20));
  await process.wait(LONG_MS, NEVER);
  assert.deepEqual(process.exit(), { code: 0, signal: null });
});

test("Ctrl-C interrupts the group", async (t) => {
  const process = await withRun(t).start({ argv: [program("count-interrupts.sh")], cwd: "/" });
  let text = "";
  process.onOutput((more) => {
    text += more;
  });
  await until(() => text.includes("ready"), "ready");
  await process.write("\u0003");
  await until(() => text.includes("interrupt 1"), "the first interrupt");
  await process.write("\u0003");
  await process.wait(LONG_MS, NEVER);
  assert.deepEqual(process.exit(), { code: 9, signal: null });
});

test("a grandchild that holds the pipe does not hold up the end", async (t) => {
  const process = await withRun(t).start({ argv: [program("hold-pipe.sh")], cwd: "/" });
  assert.match(await textOf(process), /^pid \d+\n$/);
  assert.deepEqual(process.exit(), { code: 4, signal: null });
});

test("a prompt without a line break can be taken after waiting", async (t) => {
  const process = await withRun(t).start({ argv: sh("printf 'Name: '; read name; echo \"hi $name\""), cwd: "/" });
  let text = "";
  await until(() => {
    text += process.take().head;
    return text === "Name: ";
  }, "the prompt");
  await process.write("Ada\n");
  assert.equal(await textOf(process), "hi Ada\n");
});

test("characters and secrets that come in pieces are put together", async (t) => {
  const run = withRun(t, { mask: (text) => text.replaceAll("swordfish", "[secret:WORD]") });
  const argv = [program("in-pieces.sh"), "5 \\342", "\\202", "\\254 sword", "fish\\n", "\\377\\n"];
  const process = await run.start({ argv, cwd: "/" });
  assert.equal(await textOf(process), "5 € [secret:WORD]\n\ufffd\n");
});

const refusals: { name: string; argv: string[]; cwd: string; code: number; text: RegExp }[] = [
  {
    name: "no such program",
    argv: ["/nope"],
    cwd: "/",
    code: 127,
    text: /^Cannot start \/nope: there is no such program\n$/,
  },
  {
    name: "no such folder",
    argv: ["sh"],
    cwd: "/nope",
    code: 127,
    text: /^Cannot start sh: there is no folder \/nope\n$/,
  },
  { name: "a folder that is a file", argv: ["sh"], cwd: "/etc/passwd", code: 127, text: /is not a folder\n$/ },
  { name: "not executable", argv: ["/etc/passwd"], cwd: "/", code: 126, text: /permission denied/ },
  { name: "too long", argv: sh(`: ${"x".repeat(200_000)}`), cwd: "/", code: 126, text: /longer than the system takes/ },
  { name: "a NUL byte", argv: sh("echo \0"), cwd: "/", code: 126, text: /^Cannot start \/bin\/sh: / },
  { name: "nothing at all", argv: [], cwd: "/", code: 126, text: /^Cannot start : / },
];
for (const { name, argv, cwd, code, text } of refusals) {
  test(`a command that cannot be started is an answer: ${name}`, async (t) => {
    const process = await withRun(t).start({ argv, cwd });
    assert.match(await textOf(process), text);
    assert.deepEqual(process.exit(), { code, signal: null });
    await process.kill();
  });
}

test("a few variables are set where the environment says nothing", async (t) => {
  const run = withRun(t, { env: { ...ENV, PAGER: "more" } });
  const script = 'echo "$PAGER $GIT_PAGER $TERM $NO_COLOR $GODWIT $EXTRA $HOME"';
  const process = await run.start({ argv: sh(script), cwd: "/", env: { EXTRA: "yes", NO_COLOR: "0" } });
  assert.equal(await textOf(process), "more cat dumb 0 1 yes /nonexistent\n");
});

test("a gigabyte of output takes little memory, and the counts are exact", async (t) => {
  const limit = 4 << 20;
  const process = await withRun(t, { spillBytes: limit }).start({
    argv: [program("spam-stdout.sh"), "1000000000"],
    cwd: "/",
  });
  const before = globalThis.process.memoryUsage.rss();
  let peak = before;
  let heardBytes = 0;
  process.onOutput((text) => {
    heardBytes += text.length;
    peak = Math.max(peak, globalThis.process.memoryUsage.rss());
  });
  await process.wait(120_000, NEVER);
  assert.deepEqual(process.exit(), { code: 0, signal: null });
  const { head, tail, droppedBytes, droppedLines, whole } = process.take();
  assert.equal(heardBytes, 1_000_000_000);
  assert.equal(head.length + droppedBytes + tail.length, 1_000_000_000);
  assert.ok(head.length + tail.length <= 1 << 20);
  const lines = (text: string): number => text.split("\n").length - 1;
  assert.equal(lines(head) + droppedLines + lines(tail), 100_000_000);
  assert.ok(whole !== null && statSync(whole).size < limit + 200 && statSync(whole).size > limit);
  assert.match(readFileSync(whole, "utf8").slice(-100), /ends at its limit of 4 MiB\]\n$/);
  assert.ok(peak - before < 256 << 20, `memory grew by ${(peak - before) >> 20} MiB`);
});

test("output that does not fit the buffer is whole in the file", async (t) => {
  const run = withRun(t, { bufferBytes: 10_000 });
  const process = await run.start({ argv: sh("seq 1 50000"), cwd: tempFolder(t) });
  await process.wait(LONG_MS, NEVER);
  const { whole } = process.take();
  assert.ok(whole !== null);
  assert.equal(readFileSync(whole, "utf8"), Array.from({ length: 50_000 }, (_, index) => `${index + 1}\n`).join(""));
});
