import assert from "node:assert/strict";
import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { openLog } from "../../src/archive/jsonl-log.ts";
import { findSession, lastSession, listSessions, logPath } from "../../src/archive/sessions.ts";
import { uuid7 } from "../../src/kit/id.ts";
import type { Entry } from "../../src/thread/entry.ts";
import { noted, opening } from "../cases/log.ts";
import { tempHome } from "../support/temp-home.ts";

const DAY = 86_400_000;
const START = Date.UTC(2026, 10, 21, 23, 59);
const idAt = (ms: number, salt: number): string => uuid7(ms, new Uint8Array(10).fill(salt));

/** A thread that began at `startedMs` and was touched last at `modifiedMs`. */
function begin(home: string, thread: Partial<Entry> & { id: string; startedMs: number; modifiedMs: number }): string {
  const { id, startedMs, modifiedMs, ...fields } = thread;
  const path = logPath(home, id, startedMs);
  const log = openLog(path, "create");
  log.append([{ ...opening(id), ...fields } as Entry, noted(2)], false);
  log.close();
  utimesSync(path, modifiedMs / 1000, modifiedMs / 1000);
  return path;
}

test("a log lies in the folder of the day on which its thread began, in UTC", () => {
  assert.equal(logPath("/h", "abc", START), join("/h", "sessions", "2026", "11", "21", "abc.jsonl"));
  assert.equal(logPath("/h", "abc", START + 60_000), join("/h", "sessions", "2026", "11", "22", "abc.jsonl"));
});

test("a home without threads has none", (t) => {
  const { home } = tempHome(t);
  assert.deepEqual([[...listSessions(home)], lastSession(home)], [[], null]);
  assert.deepEqual(findSession(home, "01"), { kind: "none", message: `There is no thread "01" in ${home}` });
  assert.equal(findSession(home, " ").kind, "none");
  assert.equal(lastSession(join(home, "missing")), null);
});

test("a thread is found by its id and by any prefix that fits it alone", (t) => {
  const { home } = tempHome(t);
  const [a, b, c] = [idAt(START, 1), idAt(START, 2), idAt(START + DAY * 40, 3)];
  for (const id of [a, b]) begin(home, { id, startedMs: START, modifiedMs: START });
  const path = begin(home, { id: c, startedMs: START + DAY * 40, modifiedMs: START });
  for (const wanted of [c, c.slice(0, 11), c.toUpperCase(), ` ${c}`]) {
    const found = findSession(home, wanted);
    assert.equal(found.kind, "found", wanted);
    if (found.kind === "found")
      assert.deepEqual([found.session.id, found.session.path, found.session.open.thread], [c, path, c]);
  }
  const both = findSession(home, a.slice(0, 13));
  assert.equal(both.kind, "ambiguous");
  if (both.kind === "ambiguous") assert.deepEqual([...both.ids].sort(), [a, b]);
  assert.equal(findSession(home, a).kind, "found");
  assert.equal(findSession(home, "ffff").kind, "none");
});

test("a log that lies in another day's folder than its id tells is found all the same", (t) => {
  const { home } = tempHome(t);
  const id = idAt(START, 1);
  begin(home, { id, startedMs: START + DAY, modifiedMs: START });
  assert.equal(findSession(home, id).kind, "found");
});

test("the last thread is the one touched last, of this directory if asked; children are not meant", (t) => {
  const { home } = tempHome(t);
  const [a, b, c, child] = [idAt(START, 1), idAt(START + 1, 2), idAt(START + 2, 3), idAt(START + 3, 4)];
  begin(home, { id: a, startedMs: START, modifiedMs: START + 30_000, cwd: "/a" });
  begin(home, { id: b, startedMs: START + DAY, modifiedMs: START + 20_000, cwd: "/b" });
  begin(home, { id: c, startedMs: START, modifiedMs: START + 10_000, cwd: "/b" });
  begin(home, { id: child, startedMs: START, modifiedMs: START + 40_000, cwd: "/b", parent: { thread: a, seq: 2 } });
  assert.equal(lastSession(home)?.id, a);
  assert.equal(lastSession(home, { cwd: "/b" })?.id, b);
  assert.equal(lastSession(home, { cwd: "/c" }), null);
  assert.deepEqual(
    [...listSessions(home)].map(({ id }) => id),
    [child, a, b, c],
  );
});

test("what is no log is passed over", (t) => {
  const { home, write } = tempHome(t);
  const id = idAt(START, 1);
  const path = begin(home, { id, startedMs: START, modifiedMs: START });
  const folder = dirname(path);
  for (const [name, text] of [
    ["empty.jsonl", ""],
    ["torn.jsonl", '{"seq":1,"kind":"open"'],
    ["other.jsonl", '{"type":"session_meta"}\n'],
    [`${id}.jsonl.lock`, "{}"],
    ["notes.txt", "x"],
  ] as const)
    writeFileSync(join(folder, name), text);
  mkdirSync(join(folder, "folder.jsonl"));
  write("user/.godwit/sessions/stray/11/21/x.jsonl", "{}");
  write("user/.godwit/sessions/2026/file", "");
  assert.deepEqual(
    [...listSessions(home)].map((session) => session.id),
    [id],
  );
  assert.equal(lastSession(home)?.id, id);
  assert.equal(findSession(home, "other").kind, "none");
});

test("of a long log only the first line is read", (t) => {
  const { home } = tempHome(t);
  const id = idAt(START, 1);
  const path = begin(home, { id, startedMs: START, modifiedMs: START });
  writeFileSync(path, `${JSON.stringify(opening(id))}\n${"not JSON at all\n".repeat(100_000)}`);
  assert.equal(lastSession(home)?.open.thread, id);
});
