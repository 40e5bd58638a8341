import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { ArchiveError } from "../../src/archive/archive-error.ts";
import { takeLock } from "../../src/archive/lock.ts";
import { isAlive, ownMark } from "../../src/archive/process-mark.ts";
import { tempHome } from "../support/temp-home.ts";

const place = (t: TestContext): string => join(tempHome(t).project, "t1.jsonl");
const locked = (words: RegExp) => (error: unknown) =>
  error instanceof ArchiveError && error.code === "locked" && words.test(error.message);

/** A process that takes the lock, says how that went, and lives until it is told otherwise. */
async function taker(
  t: TestContext,
  path: string,
): Promise<{ pid: number; said: string; end: (signal: NodeJS.Signals) => Promise<void> }> {
  const lockFile = join(import.meta.dirname, "../../src/archive/lock.ts");
  const program = `
    const { takeLock } = await import(${JSON.stringify(lockFile)});
    process.stdin.resume();
    try { const lock = takeLock(${JSON.stringify(path)}); console.log("took " + (lock.tookOver?.pid ?? "it")); }
    catch (error) { console.log(error.code); }
  `;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: ["pipe", "pipe", "inherit"] });
  t.after(() => child.kill("SIGKILL"));
  const [said] = (await once(child.stdout, "data")) as [Buffer];
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
  };
  return { pid: child.pid as number, said: said.toString().trim(), end };
}

test("a lock says who holds it, readable by its owner alone, and is gone when released", (t) => {
  const path = place(t);
  const lock = takeLock(path);
  assert.deepEqual(JSON.parse(readFileSync(`${path}.lock`, "utf8")), ownMark());
  assert.deepEqual(readdirSync(join(path, "..")), ["t1.jsonl.lock"]);
  assert.equal(lock.tookOver, null);
  lock.release();
  lock.release();
  assert.deepEqual(readdirSync(join(path, "..")), []);
});

test("a second writer in the same process is refused", (t) => {
  const path = place(t);
  const lock = takeLock(path);
  assert.throws(() => takeLock(path), locked(/^Cannot open log ".*t1\.jsonl": this process is writing to it/));
  lock.release();
  takeLock(path).release();
});

test("a live process keeps its lock, and is named; after kill -9 it is taken over, and said", async (t) => {
  const path = place(t);
  const other = await taker(t, path);
  assert.equal(other.said, "took it");
  assert.throws(() => takeLock(path), locked(new RegExp(`process ${other.pid} is writing to it`)));
  await other.end("SIGKILL");
  const lock = takeLock(path);
  assert.deepEqual(lock.tookOver, { pid: other.pid });
  assert.deepEqual(readdirSync(join(path, "..")), ["t1.jsonl.lock"]);
  lock.release();
});

const stale: readonly [string, string][] = [
  ["its pid belongs to a process that started at another time", JSON.stringify({ ...ownMark(), started: 1 })],
  ["the machine was started anew", JSON.stringify({ ...ownMark(), boot: "00000000-0000-0000-0000-000000000000" })],
  ["no such process", JSON.stringify({ ...ownMark(), pid: 2 ** 22 + 1 })],
  ["it is empty", ""],
  ["it is torn", '{"pid":1'],
  ["it is something else", '{"pid":-1,"started":1,"boot":null}'],
];
for (const [what, content] of stale) {
  test(`a lock that nobody holds is taken over: ${what}`, (t) => {
    const path = place(t);
    writeFileSync(`${path}.lock`, content);
    const lock = takeLock(path);
    assert.notEqual(lock.tookOver, null);
    assert.deepEqual(JSON.parse(readFileSync(`${path}.lock`, "utf8")), ownMark());
    lock.release();
    assert.deepEqual(readdirSync(join(path, "..")), []);
  });
}

test("a taker that was killed while taking over stands in nobody's way", (t) => {
  const path = place(t);
  const dead = JSON.stringify({ ...ownMark(), started: 1 });
  for (const file of [`${path}.lock`, `${path}.lock.take`, `${path}.lock.take.take`]) writeFileSync(file, dead);
  takeLock(path).release();
  assert.deepEqual(readdirSync(join(path, "..")), []);
});

test("a lock is not released by who does not hold it any more", (t) => {
  const path = place(t);
  const lock = takeLock(path);
  const others = JSON.stringify({ ...ownMark(), pid: 1 });
  writeFileSync(`${path}.lock`, others);
  lock.release();
  assert.equal(readFileSync(`${path}.lock`, "utf8"), others);
});

test("of many that take over dead locks at once, one wins each", async (t) => {
  const folder = tempHome(t).project;
  const paths = Array.from({ length: 250 }, (_, index) => join(folder, `${index}.jsonl`));
  for (const path of paths) writeFileSync(`${path}.lock`, JSON.stringify({ ...ownMark(), started: 1 }));
  const lockFile = join(import.meta.dirname, "../../src/archive/lock.ts");
  const program = `
    const { takeLock } = await import(${JSON.stringify(lockFile)});
    console.log("ready");
    await new Promise((go) => process.stdin.once("data", go));
    const won = [];
    for (const path of ${JSON.stringify(paths)}) {
      try { takeLock(path); won.push(path); }
      catch (error) { if (error.code !== "locked") throw error; }
    }
    console.log(JSON.stringify(won));
    process.stdin.once("data", () => process.exit(0));
  `;
  const racers = Array.from({ length: 4 }, () => {
    const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    t.after(() => child.kill("SIGKILL"));
    return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
  });
  const said = (): Promise<string[]> =>
    Promise.all(racers.map(async ({ lines }) => String((await lines.next()).value)));
  assert.deepEqual(
    await said(),
    racers.map(() => "ready"),
  );
  for (const { child } of racers) child.stdin.write("go");
  const won = (await said()).map((line) => JSON.parse(line) as string[]);
  assert.deepEqual(won.flat().sort(), [...paths].sort());
  for (const { child } of racers) child.stdin.write("end");
  assert.deepEqual(readdirSync(folder).sort(), paths.map((path) => `${basename(path)}.lock`).sort());
});

test("this process is alive, and a folder that is missing is the system's own error", (t) => {
  assert.equal(isAlive(ownMark()), true);
  const missing = join(place(t), "..", "missing");
  assert.throws(() => takeLock(join(missing, "t1.jsonl")), /ENOENT/);
  mkdirSync(missing);
  takeLock(join(missing, "t1.jsonl")).release();
  assert.equal(existsSync(missing), true);
});
