import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { openLog } from "../../src/archive/jsonl-log.ts";
import { readLog } from "../../src/archive/read-log.ts";
import { soakEntry } from "../cases/soak-entry.ts";
import { tempHome } from "../support/temp-home.ts";

const PROGRAM = join(import.meta.dirname, "../fixtures/programs/log-writer.ts");
const SEED = Number(process.env.GODWIT_SOAK_SEED ?? 20261121);
/** A long form: GODWIT_SOAK_KILLS=200. */
const KILLS = Number(process.env.GODWIT_SOAK_KILLS ?? 10);

/** Let it write, kill it after so many acknowledged batches, and say what was acknowledged last. */
async function writeUntilKilled(
  path: string,
  seed: number,
  batches: number,
): Promise<{ said: string[]; acked: number }> {
  const child: ChildProcess = spawn(process.execPath, [PROGRAM, path, String(seed)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const said: string[] = [];
  const exited = once(child, "exit");
  assert.ok(child.stdout);
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line);
    if (said.length >= batches) child.kill("SIGKILL");
  }
  const [, signal] = (await exited) as [number | null, string | null];
  assert.equal(signal, "SIGKILL", said.join("\n"));
  return { said, acked: Math.max(0, ...said.map((line) => Number(/^(?:ack|start) (\d+)$/.exec(line)?.[1] ?? 0))) };
}

test(`after kill -9 at ${KILLS} random moments every acknowledged entry is there, without a gap (seed ${SEED})`, async (t) => {
  const path = join(tempHome(t).home, "sessions", "soak.jsonl");
  let random = SEED;
  let before = 0;
  for (let kill = 1; kill <= KILLS; kill++) {
    random = (Math.imul(random, 1103515245) + 12345) & 0x7fffffff;
    const { said, acked } = await writeUntilKilled(path, random, 1 + ((random >> 8) % 12));
    const start = said.find((line) => line.startsWith("start "));
    if (start !== undefined) assert.ok(Number(start.slice(6)) >= before, `kill ${kill}: ${start} after ${before}`);
    if (kill > 1)
      assert.ok(
        said.some((line) => /^took over \d+$/.test(line)),
        said.join("\n"),
      );
    let seq = 0;
    for (const entry of readLog(path)) assert.deepEqual(entry, soakEntry(++seq), `kill ${kill}`);
    assert.ok(seq >= acked, `kill ${kill}: ${acked} acknowledged, ${seq} there`);
    before = seq;
  }
  const log = openLog(path, "resume");
  assert.ok(log.lastSeq >= before);
  await log.append([soakEntry(log.lastSeq + 1)], true);
  log.close();
});
