/**
 * Reading a log: from lines to entries, and what to say when a line is not what must stand there.
 *
 * Owns        what makes a log readable, and where it really ends.
 * Is not      the writer (./jsonl-log.ts).
 * Invariants  1. Line n holds the entry with `seq` n; a file where that is not so is refused, never guessed at.
 *             2. Nothing here changes the file.
 * Format      The end of a log is after its last line that ends in a newline and holds the entry that must stand
 *             there. One broken line behind it, with a newline or without, is what a crash leaves: it was never
 *             acknowledged, and does not count. A broken line with lines behind it is damage.
 */
import { closeSync, fstatSync, openSync } from "node:fs";
import { type Entry, LOG_FORMAT, type OpenEntry } from "../thread/entry.ts";
import { ArchiveError, toArchiveError } from "./archive-error.ts";
import { lastNewline, readLines, readText } from "./read-lines.ts";

/** Where a log ends, and what lies behind that. */
export interface LogEnd {
  readonly sizeBytes: number;
  /** 0 = no entry. */
  readonly lastSeq: number;
  /** Bytes of a torn last line. */
  readonly tornBytes: number;
}

/** Most bytes of a first entry; it holds ids and a path. */
const FIRST_LINE_BYTES = 1024 * 1024;

/**
 * Find a log's end from its last lines alone, and check its first.
 *
 * @throws {ArchiveError} `not-a-log`, `newer-format`, `corrupt`
 */
export function findEnd(fd: number, path: string): LogEnd {
  const fileBytes = fstatSync(fd).size;
  const whole = lastNewline(fd, fileBytes) + 1;
  if (whole === 0) return { sizeBytes: 0, lastSeq: 0, tornBytes: fileBytes };
  const last = lastEntry(fd, whole);
  // A torn piece without newline is the broken line; with one, the last line itself may be.
  const sizeBytes = last.seq === null && whole === fileBytes ? last.start : whole;
  if (sizeBytes === 0) return { sizeBytes: 0, lastSeq: 0, tornBytes: fileBytes };
  checkFirst(fd, sizeBytes, path);
  const { seq } = sizeBytes === whole ? last : lastEntry(fd, sizeBytes);
  if (seq === null) throw damage(path, countLines(fd, sizeBytes), "is not an entry");
  return { sizeBytes, lastSeq: seq, tornBytes: fileBytes - sizeBytes };
}

function lastEntry(fd: number, endBytes: number): { start: number; seq: number | null } {
  const start = lastNewline(fd, endBytes - 1) + 1;
  return { start, seq: parseEntry(readText(fd, start, endBytes - 1))?.seq ?? null };
}

function countLines(fd: number, endBytes: number): number {
  let count = 0;
  for (const _ of readLines(fd, endBytes)) count++;
  return count;
}

function checkFirst(fd: number, endBytes: number, path: string): void {
  const { value } = readLines(fd, endBytes).next();
  checkOpening(value === undefined ? null : parseEntry(value), path);
}

/**
 * The entries of an open log, oldest first, unknown kinds and fields as they are.
 *
 * @param endBytes where the log ends (`findEnd`)
 * @param from     first `seq` wanted; what is before it is passed over unread
 * @throws {ArchiveError} `corrupt`, at the line where it is met; `newer-format`, `not-a-log`
 */
export function* entriesOf(fd: number, path: string, endBytes: number, from: number): Generator<Entry, void, void> {
  const skip = Math.max(0, from - 1);
  let expected = skip + 1;
  for (const line of readLines(fd, endBytes, skip)) {
    const entry = parseEntry(line);
    if (expected === 1) checkOpening(entry, path);
    if (entry === null) throw damage(path, expected, "is not an entry");
    if (entry.seq !== expected) throw damage(path, expected, `holds #${entry.seq}`);
    yield entry;
    expected++;
  }
}

/**
 * Read a log that may be in use, without its lock and without changing it. A torn last line is left out.
 *
 * @throws {ArchiveError}
 */
export function* readLog(path: string, from = 1): Generator<Entry, void, void> {
  const fd = openToRead(path);
  try {
    yield* entriesOf(fd, path, findEnd(fd, path).sizeBytes, from);
  } finally {
    closeSync(fd);
  }
}

/** The first entry of a log, or null where that cannot be read as one; reads nothing but the first line. */
export function readOpening(path: string): OpenEntry | null {
  let fd: number | null = null;
  try {
    fd = openToRead(path);
    const { value } = readLines(fd, Math.min(fstatSync(fd).size, FIRST_LINE_BYTES)).next();
    const entry = value === undefined ? null : parseEntry(value);
    return isOpening(entry) ? entry : null;
  } catch {
    return null;
  } finally {
    if (fd !== null) closeSync(fd);
  }
}

function openToRead(path: string): number {
  try {
    return openSync(path, "r");
  } catch (cause) {
    throw toArchiveError("read log", path, cause);
  }
}

function parseEntry(line: string): Entry | null {
  try {
    const value: unknown = JSON.parse(line);
    return isEntry(value) ? value : null;
  } catch {
    return null;
  }
}

/** As much as is asked of any kind, those of later versions included. */
const isEntry = (value: unknown): value is Entry =>
  typeof value === "object" &&
  value !== null &&
  "seq" in value &&
  Number.isSafeInteger(value.seq) &&
  "kind" in value &&
  typeof value.kind === "string";

const isOpening = (entry: Entry | null): entry is OpenEntry =>
  entry?.kind === "open" && entry.seq === 1 && typeof entry.format === "number" && typeof entry.thread === "string";

function checkOpening(entry: Entry | null, path: string): void {
  if (!isOpening(entry))
    throw new ArchiveError("not-a-log", `Cannot read log "${path}": its first line does not open a thread`);
  if (entry.format > LOG_FORMAT)
    throw new ArchiveError(
      "newer-format",
      `Cannot read log "${path}": a newer version wrote it (format ${entry.format}, this one reads ${LOG_FORMAT}); update godwit to go on`,
    );
}

function damage(path: string, line: number, what: string): ArchiveError {
  const keep = line - 1;
  return new ArchiveError(
    "corrupt",
    `Cannot read log "${path}": line ${line}, where #${line} must stand, ${what}; the file was left as it is. ` +
      `To go on, mend that line, or keep what stands before it: head -n ${keep} "${path}" > mended.jsonl, then move that in place`,
  );
}
