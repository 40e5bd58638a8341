import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { type ArchiveCode, ArchiveError } from "../../src/archive/archive-error.ts";
import { type Disk, openLog } from "../../src/archive/jsonl-log.ts";
import { readLog } from "../../src/archive/read-log.ts";
import { syncFolders } from "../../src/archive/sync-folders.ts";
import type { Entry } from "../../src/thread/entry.ts";
import { entriesTo, logCases, noted, opening, readAll } from "../cases/log.ts";
import { tempHome } from "../support/temp-home.ts";

const place = (t: TestContext): string => join(tempHome(t).home, "sessions", "2026", "11", "21", "t1.jsonl");
const text = (entries: readonly Entry[]): string => entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");
const archiveError = (code: ArchiveCode, words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof ArchiveError, String(error));
  assert.equal(error.code, code);
  assert.match(error.message, words);
  return true;
};

/** A log file with this content. */
function written(t: TestContext, content: string | Buffer): string {
  const path = place(t);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

const DISK: Disk = {
  write: (fd, bytes, at) => writeSync(fd, bytes, at),
  sync: fsyncSync,
  truncate: ftruncateSync,
  syncFolders,
};
const failing = (code: string): never => {
  throw Object.assign(new Error(`${code}: it failed`), { code });
};

logCases("JSONL log", (t) => openLog(place(t), "create"));

test("nothing is on the disk before the first append, and a thread that never began leaves nothing", (t) => {
  const path = place(t);
  const log = openLog(path, "create");
  assert.equal(existsSync(dirname(path)), false);
  log.close();
  assert.equal(existsSync(dirname(path)), false);
});

test("the file and its folders belong to their owner alone, one line an entry", async (t) => {
  const path = place(t);
  const log = openLog(path, "create");
  await log.append(entriesTo(2), true);
  await log.append([noted(3)], true);
  assert.equal(readFileSync(path, "utf8"), text(entriesTo(3)));
  const modes = [path, dirname(path), join(path, "../../../..")].map((at) => statSync(at).mode & 0o777);
  assert.deepEqual(modes, [0o600, 0o700, 0o700]);
  log.close();
  assert.deepEqual(readdirSync(dirname(path)), ["t1.jsonl"]);
});

test("a log is gone on with where it ended", async (t) => {
  const path = written(t, text(entriesTo(4)));
  const log = openLog(path, "resume");
  assert.deepEqual([log.lastSeq, log.dropped, log.tookOver], [4, null, null]);
  await log.append([noted(5)], true);
  log.close();
  assert.deepEqual([...readLog(path)], entriesTo(5));
});

test("a new log never takes the place of one that is there", async (t) => {
  const path = written(t, text(entriesTo(2)));
  const log = openLog(path, "create");
  assert.throws(() => log.append(entriesTo(1), true), archiveError("exists", /exists already/));
  log.close();
  assert.equal(readFileSync(path, "utf8"), text(entriesTo(2)));
  assert.deepEqual(readdirSync(dirname(path)), ["t1.jsonl"]);
});

test("to go on with a log that is not there fails, and leaves nothing", (t) => {
  const path = place(t);
  assert.throws(
    () => openLog(path, "resume"),
    archiveError("not-found", /Cannot open log ".*": there is no such file/),
  );
  assert.equal(existsSync(dirname(path)), false);
});

const whole = text(entriesTo(3));
const torn: readonly [string, string | Buffer, number][] = [
  ["half an entry", `${whole}{"seq":4,"ts":"20`, 17],
  ["an entry without its newline", `${whole}${JSON.stringify(noted(4))}`, JSON.stringify(noted(4)).length],
  ["half a character", Buffer.concat([Buffer.from(`${whole}"`), Buffer.from([0xf0, 0x9f])]), 3],
  ["zeros of a lost page", Buffer.concat([Buffer.from(whole), Buffer.alloc(9000)]), 9000],
  ["zeros and the end of a line", Buffer.concat([Buffer.from(whole), Buffer.alloc(700), Buffer.from('"}\n')]), 703],
  ["a last line that is no JSON", `${whole}{"seq":4,"kind\n`, 15],
  ["an empty last line", `${whole}\n`, 1],
  ["longer than a chunk", `${whole}${"x".repeat(700_000)}`, 700_000],
];
for (const [what, content, bytes] of torn) {
  test(`a torn last line is dropped and said: ${what}`, async (t) => {
    const path = written(t, content);
    assert.deepEqual([...readLog(path)], entriesTo(3));
    const log = openLog(path, "resume");
    assert.deepEqual([log.dropped, log.lastSeq], [{ bytes }, 3]);
    assert.deepEqual(await readAll(log), entriesTo(3));
    await log.append([noted(4)], true);
    log.close();
    assert.equal(readFileSync(path, "utf8"), text(entriesTo(4)));
  });
}

for (const content of ["", '{"seq":1,"kind":"op', `${'{"seq":1'}\n`]) {
  test(`a thread that was cut off before it began may begin: ${JSON.stringify(content)}`, async (t) => {
    const path = written(t, content);
    const log = openLog(path, "resume");
    assert.deepEqual([log.lastSeq, log.dropped], [0, content === "" ? null : { bytes: content.length }]);
    assert.deepEqual(await readAll(log), []);
    await log.append(entriesTo(2), true);
    log.close();
    assert.deepEqual([...readLog(path)], entriesTo(2));
  });
}

const line = (value: unknown): string => `${JSON.stringify(value)}\n`;
const first = line(opening());
const damaged: readonly [string, string, ArchiveCode, RegExp][] = [
  [
    "broken JSON",
    `${first}{"seq":2,\n${line(noted(3))}`,
    "corrupt",
    /line 2, where #2 must stand, is not an entry; the file was left as it is\. To go on, mend .* head -n 1 /,
  ],
  ["a gap", `${first}${line(noted(3))}${line(noted(4))}`, "corrupt", /line 2, where #2 must stand, holds #3/],
  [
    "a repetition",
    `${first}${line(noted(2))}${line(noted(2))}${line(noted(3))}`,
    "corrupt",
    /line 3, where #3 must stand, holds #2/,
  ],
  ["an empty line", `${first}\n${line(noted(3))}`, "corrupt", /line 2/],
  ["no seq", `${first}${line({ kind: "note" })}${line(noted(3))}`, "corrupt", /line 2/],
  ["no kind", `${first}${line({ seq: 2 })}${line(noted(3))}`, "corrupt", /line 2/],
  ["two broken lines at the end", `${first}a\nb\n`, "corrupt", /line 2/],
  ["a broken line and a torn one", `${first}${line(noted(2))}a\nb`, "corrupt", /line 3/],
  ["another first entry", `${line(noted(1))}${line(noted(2))}`, "not-a-log", /first line does not open a thread/],
  [
    "the log of something else",
    `${line({ type: "session_meta" })}${line({ type: "item" })}`,
    "not-a-log",
    /first line/,
  ],
  [
    "a newer version",
    `${line({ ...opening(), format: 2 })}${line(noted(2))}`,
    "newer-format",
    /newer version wrote it \(format 2, this one reads 1\); update godwit/,
  ],
];
for (const [what, content, code, words] of damaged) {
  test(`what is no log of ours is refused and left untouched: ${what}`, async (t) => {
    const path = written(t, content);
    assert.throws(() => [...readLog(path)], archiveError(code, words));
    const go = async (): Promise<void> => {
      const log = openLog(path, "resume");
      t.after(() => log.close());
      await readAll(log);
    };
    await assert.rejects(go(), archiveError(code, words));
    assert.equal(readFileSync(path, "utf8"), content);
  });
}

test("damage further up is met while reading, and a torn end below it is left untouched too", async (t) => {
  const content = `${first}{"seq":2\n${line(noted(3))}{"seq":4`;
  const path = written(t, content);
  const log = openLog(path, "resume");
  assert.deepEqual(log.dropped, { bytes: 8 });
  await assert.rejects(readAll(log), archiveError("corrupt", /line 2/));
  log.close();
  assert.equal(readFileSync(path, "utf8"), content);
});

test("an append that finds the disk full leaves the log as it was, and the next one goes on", async (t) => {
  const path = place(t);
  let room = Number.POSITIVE_INFINITY;
  const small: Disk = {
    ...DISK,
    write(fd, bytes, at) {
      if (room === 0) failing("ENOSPC");
      const written = writeSync(fd, bytes, at, Math.min(bytes.length - at, room));
      room -= written;
      return written;
    },
  };
  const log = openLog(path, "create", small);
  await log.append(entriesTo(2), true);
  room = 40;
  assert.throws(() => log.append([noted(3), noted(4)], true), archiveError("full", /the disk is full; free some room/));
  assert.equal(readFileSync(path, "utf8"), text(entriesTo(2)));
  assert.equal(log.lastSeq, 2);
  room = Number.POSITIVE_INFINITY;
  await log.append([noted(3)], true);
  log.close();
  assert.deepEqual([...readLog(path)], entriesTo(3));
});

test("where a failed append cannot even be taken back, the next one does it first", async (t) => {
  const path = place(t);
  let isBroken = false;
  const broken: Disk = {
    ...DISK,
    write: (fd, bytes, at) =>
      isBroken && at > 0 ? failing("EIO") : writeSync(fd, bytes, at, isBroken ? 10 : bytes.length - at),
    truncate: (fd, size) => (isBroken ? failing("EIO") : ftruncateSync(fd, size)),
  };
  const log = openLog(path, "create", broken);
  await log.append(entriesTo(2), true);
  isBroken = true;
  assert.throws(() => log.append([noted(3)], true), archiveError("io", /the disk reports an error/));
  assert.deepEqual(await readAll(log), entriesTo(2));
  assert.deepEqual([...readLog(path)], entriesTo(2));
  isBroken = false;
  await log.append([noted(3, "again")], true);
  log.close();
  assert.equal(readFileSync(path, "utf8"), text([...entriesTo(2), noted(3, "again")]));
});

test("a whole append leaves nothing to cut off before the next one", async (t) => {
  const cuts: number[] = [];
  const log = openLog(place(t), "create", { ...DISK, truncate: (_, sizeBytes) => void cuts.push(sizeBytes) });
  for (let seq = 1; seq <= 3; seq++) await log.append(entriesTo(seq).slice(-1), true);
  log.close();
  assert.deepEqual(cuts, []);
});

test("an append whose sync fails is not recorded", async (t) => {
  const path = place(t);
  const log = openLog(path, "create", { ...DISK, sync: () => failing("EIO") });
  assert.throws(
    () => log.append(entriesTo(1), true),
    archiveError("io", /Cannot write to log ".*": the disk reports an error/),
  );
  assert.equal(statSync(path).size, 0);
  await log.append(entriesTo(1), false);
  log.close();
  assert.deepEqual([...readLog(path)], entriesTo(1));
});

test("a new log whose folders cannot be put on the disk has recorded nothing, and says so", async (t) => {
  const path = place(t);
  const log = openLog(path, "create", { ...DISK, syncFolders: async () => failing("EIO") });
  log.append(entriesTo(2), false);
  await assert.rejects(async () => log.append([noted(3)], true), archiveError("io", /the disk reports an error/));
  assert.deepEqual([log.lastSeq, await readAll(log)], [2, entriesTo(2)]);
  log.close();
  assert.deepEqual([...readLog(path)], entriesTo(2));
});

test("only a durable append waits for the disk", async (t) => {
  let syncs = 0;
  const log = openLog(place(t), "create", { ...DISK, sync: () => void syncs++ });
  assert.equal(log.append(entriesTo(1), false), undefined);
  assert.equal(syncs, 0);
  const folders = log.append([noted(2)], true);
  assert.ok(folders instanceof Promise, "the first durable append waits for the folders");
  await folders;
  assert.equal(log.append([noted(3)], true), undefined);
  assert.equal(syncs, 2);
  log.close();
});

test("short writes are gone on with", async (t) => {
  const path = place(t);
  const log = openLog(path, "create", {
    ...DISK,
    write: (fd, bytes, at) => writeSync(fd, bytes, at, Math.min(7, bytes.length - at)),
  });
  await log.append(entriesTo(3), true);
  log.close();
  assert.deepEqual([...readLog(path)], entriesTo(3));
});

/** Run with a tmpfs on `folder`, which takes root; false when that is not to be had. */
function onDisk(folder: string, options: string, run: () => void): boolean {
  if (spawnSync("mount", ["-t", "tmpfs", "-o", options, "none", folder]).status !== 0) return false;
  try {
    run();
  } finally {
    // Lazily: the folders may still be on their way to the disk.
    spawnSync("umount", ["-l", folder]);
  }
  return true;
}

test("a real disk that fills up: one sentence, the log intact, and on it goes when there is room", (t) => {
  const { root } = tempHome(t);
  const path = join(root, "a", "t1.jsonl");
  const done = onDisk(root, "size=128k", () => {
    const log = openLog(path, "create");
    log.append(entriesTo(1), false);
    let last = 1;
    const fill = (): void => {
      for (;;) {
        log.append([noted(last + 1, "x".repeat(20_000))], false);
        last++;
      }
    };
    assert.throws(fill, archiveError("full", /the disk is full/));
    assert.ok(last > 2);
    assert.equal([...readLog(path)].length, last);
    assert.equal(readFileSync(path).at(-1), 10, "no half line");
    log.append([noted(last + 1, "small")], false);
    log.close();
    assert.equal([...readLog(path)].length, last + 1);
  });
  if (!done) t.skip("needs a small tmpfs");
});

test("a disk without any room: the first append is one sentence and leaves no litter", (t) => {
  const { root } = tempHome(t);
  const done = onDisk(root, "size=8k", () => {
    writeFileSync(join(root, "ballast"), Buffer.alloc(8192));
    mkdirSync(join(root, "a"));
    const log = openLog(join(root, "a", "t1.jsonl"), "create");
    assert.throws(() => log.append(entriesTo(1), true), archiveError("full", /the disk is full/));
    log.close();
    assert.deepEqual(readdirSync(join(root, "a")), []);
  });
  if (!done) t.skip("needs a small tmpfs");
});

test("a new log whose first append fails leaves no file", (t) => {
  const path = place(t);
  const log = openLog(path, "create", { ...DISK, write: () => failing("ENOSPC") });
  assert.throws(() => log.append(entriesTo(1), true), archiveError("full", /the disk is full/));
  log.close();
  assert.deepEqual(readdirSync(dirname(path)), []);
});

test("a home that is a file is one clear sentence", (t) => {
  const log = openLog(join(tempHome(t).write("file", ""), "sessions", "t1.jsonl"), "create");
  assert.throws(
    () => log.append(entriesTo(1), true),
    archiveError("io", /a part of its path is a file, not a folder; set GODWIT_HOME/),
  );
});

test("a read-only home is one clear sentence", (t) => {
  const { root } = tempHome(t);
  const done = onDisk(root, "ro", () => {
    const log = openLog(join(root, "sessions", "2026", "t1.jsonl"), "create");
    const words = /the disk is read-only; set GODWIT_HOME to another folder, or use --ephemeral/;
    assert.throws(() => log.append(entriesTo(1), true), archiveError("denied", words));
  });
  if (!done) t.skip("needs a read-only disk");
});

test("a long log is read without holding it, and a long line is read at all", async (t) => {
  const path = place(t);
  const log = openLog(path, "create");
  const long = "é".repeat(5_000_000);
  await log.append([opening(), noted(2, long)], false);
  let last = 2;
  for (; last < 42; last++) await log.append([noted(last + 1, "x".repeat(500_000))], false);
  assert.ok(statSync(path).size > 30_000_000);
  let count = 0;
  for await (const entry of log.read(1)) {
    count++;
    if (entry.seq === 2 && entry.kind === "note") assert.ok(entry.text === long);
  }
  assert.equal(count, last);
  assert.deepEqual(
    (await readAll(log, last)).map(({ seq }) => seq),
    [last],
  );
  log.close();
  assert.equal(openLog(path, "resume").lastSeq, last);
});
