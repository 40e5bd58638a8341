/** What every log must do, whatever it is kept in; run against each implementation. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { OpenLog } from "../../src/archive/jsonl-log.ts";
import type { Entry } from "../../src/thread/entry.ts";

const TS = "2026-11-21T10:00:00.000Z";

export const opening = (thread = "t1", cwd = "/work"): Entry => ({
  seq: 1,
  ts: TS,
  kind: "open",
  format: 1,
  thread,
  cwd,
});
export const noted = (seq: number, text = `note ${seq}`): Entry => ({ seq, ts: TS, kind: "note", text, by: "user" });
/** Entries 1 to `last`. */
export const entriesTo = (last: number): Entry[] => [
  opening(),
  ...Array.from({ length: last - 1 }, (_, index) => noted(index + 2)),
];

export async function readAll(log: Pick<OpenLog, "read">, from = 1): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of log.read(from)) entries.push(entry);
  return entries;
}

/** @param open makes a new, empty log. */
export function logCases(name: string, open: (t: TestContext) => OpenLog): void {
  const inLog = (claim: string, run: (log: OpenLog) => Promise<void>): void => {
    test(`${name}: ${claim}`, async (t) => {
      const log = open(t);
      t.after(() => log.close());
      await run(log);
    });
  };

  inLog("a new log has no entries", async (log) => {
    assert.deepEqual([await readAll(log), log.lastSeq, log.dropped, log.tookOver], [[], 0, null, null]);
  });

  inLog("what was appended is read back in order, durable or not", async (log) => {
    const entries = entriesTo(7);
    await log.append(entries.slice(0, 3), false);
    await log.append(entries.slice(3, 4), true);
    await log.append(entries.slice(4), true);
    assert.deepEqual(await readAll(log), entries);
    assert.equal(log.lastSeq, 7);
  });

  inLog("reading starts at the seq that is asked for", async (log) => {
    await log.append(entriesTo(5), true);
    const seqs = async (from: number): Promise<number[]> => (await readAll(log, from)).map(({ seq }) => seq);
    assert.deepEqual(await seqs(4), [4, 5]);
    assert.deepEqual(await seqs(5), [5]);
    assert.deepEqual(await seqs(6), []);
    assert.deepEqual(await seqs(0), [1, 2, 3, 4, 5]);
  });

  inLog("kinds and fields of later versions are kept as they are", async (log) => {
    const later = { seq: 2, ts: TS, kind: "aura", depth: { of: [1, null, "ü\u2028\ud800"] } } as unknown as Entry;
    const odd = { ...noted(3), later: true } as unknown as Entry;
    await log.append([opening(), later, odd], true);
    assert.deepEqual(JSON.stringify(await readAll(log, 2)), JSON.stringify([later, odd]));
  });

  inLog("a gap, a repetition and a wrong start are refused, and change nothing", async (log) => {
    await log.append(entriesTo(2), true);
    for (const seqs of [[4], [2], [3, 5], [3, 3], [0], [-1], [3.5]]) {
      assert.throws(
        () =>
          log.append(
            seqs.map((seq) => noted(seq)),
            true,
          ),
        RangeError,
        String(seqs),
      );
    }
    assert.deepEqual(await readAll(log), entriesTo(2));
    await log.append([noted(3)], true);
    assert.equal(log.lastSeq, 3);
  });

  inLog("a log begins with the entry that opens a thread", async (log) => {
    assert.throws(() => log.append([noted(1)], true), TypeError);
    assert.deepEqual(await readAll(log), []);
  });

  inLog("an empty append is nothing, durable too", async (log) => {
    await log.append([], false);
    await log.append(entriesTo(1), false);
    await log.append([], true);
    assert.deepEqual(await readAll(log), entriesTo(1));
  });

  inLog("a reader sees what was there when it began", async (log) => {
    await log.append(entriesTo(2), true);
    const seen: number[] = [];
    for await (const entry of log.read(1)) {
      if (entry.seq < 3) await log.append([noted(log.lastSeq + 1)], false);
      seen.push(entry.seq);
    }
    assert.deepEqual(seen, [1, 2]);
    assert.equal((await readAll(log)).length, 4);
  });

  inLog("a closed log takes and gives nothing, and may be closed twice", async (log) => {
    await log.append(entriesTo(1), true);
    log.close();
    log.close();
    assert.throws(() => log.append([noted(2)], true), TypeError);
    await assert.rejects(readAll(log), TypeError);
  });
}
