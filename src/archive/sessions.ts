/**
 * Sessions: where the logs of threads lie, and how to find one again.
 *
 * Owns        the layout `sessions/YYYY/MM/DD/<thread id>.jsonl` below the home.
 * Is not      an index: of a log nothing but its first line is read.
 * Invariants  1. The day is that of the thread's beginning, in UTC.
 *             2. What cannot be read, or is no log, is passed over.
 */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { isUuid } from "../kit/id.ts";
import type { OpenEntry } from "../thread/entry.ts";
import { readOpening } from "./read-log.ts";

export interface Session {
  readonly id: string;
  readonly path: string;
  /** Milliseconds since 1970. */
  readonly modifiedMs: number;
  readonly sizeBytes: number;
  readonly open: OpenEntry;
}

export type Found =
  | { readonly kind: "found"; readonly session: Session }
  /** `message` is for people. */
  | { readonly kind: "none"; readonly message: string }
  | { readonly kind: "ambiguous"; readonly ids: readonly string[]; readonly message: string };

/** A log that has not been opened. */
interface LogFile {
  readonly id: string;
  readonly path: string;
  readonly modifiedMs: number;
  readonly sizeBytes: number;
}

const SUFFIX = ".jsonl";

/**
 * Where the log of a thread belongs.
 *
 * @param startedMs when the thread began, in milliseconds since 1970
 */
export function logPath(home: string, id: string, startedMs: number): string {
  const [year, month, day] = new Date(startedMs).toISOString().slice(0, 10).split("-") as [string, string, string];
  return join(home, "sessions", year, month, day, `${id}${SUFFIX}`);
}

/**
 * Find a thread by its id, or by the first characters of it where they fit one thread only.
 *
 * @param idOrPrefix in upper or lower case; non-empty
 */
export function findSession(home: string, idOrPrefix: string): Found {
  const wanted = idOrPrefix.trim().toLowerCase();
  if (wanted === "") return { kind: "none", message: "An empty id names no thread" };
  const matches = matching(home, wanted);
  const [first] = matches;
  if (first === undefined) return { kind: "none", message: `There is no thread "${idOrPrefix}" in ${home}` };
  if (matches.length > 1) {
    const ids = matches.map(({ id }) => id);
    const shown = ids.slice(0, 3).join(", ");
    const more = ids.length > 3 ? ` and ${ids.length - 3} more` : "";
    return { kind: "ambiguous", ids, message: `"${idOrPrefix}" fits ${ids.length} threads: ${shown}${more}` };
  }
  const session = toSession(first);
  if (session !== null) return { kind: "found", session };
  return { kind: "none", message: `Thread "${first.id}" cannot be read: ${first.path} does not open a thread` };
}

/**
 * The thread that was worked on last; children of other threads are not meant.
 *
 * @param cwd only threads that began in this directory
 */
export function lastSession(home: string, options: { readonly cwd?: string } = {}): Session | null {
  for (const file of newestFirst(home)) {
    const session = toSession(file);
    if (session === null || session.open.parent !== undefined) continue;
    if (options.cwd === undefined || session.open.cwd === options.cwd) return session;
  }
  return null;
}

/** All threads, children too, the one worked on last first. Reads the logs as it is asked for them. */
export function* listSessions(home: string): Generator<Session, void, void> {
  for (const file of newestFirst(home)) {
    const session = toSession(file);
    if (session !== null) yield session;
  }
}

function matching(home: string, wanted: string): LogFile[] {
  // A whole id tells its day by itself (UUIDv7), unless the log was moved.
  const known = isUuid(wanted)
    ? toLogFile(logPath(home, wanted, Number.parseInt(wanted.replace("-", "").slice(0, 12), 16)), wanted)
    : null;
  if (known !== null) return [known];
  const files = allLogs(home).filter(({ id }) => id.startsWith(wanted));
  const exact = files.filter(({ id }) => id === wanted);
  return exact.length > 0 ? exact : files;
}

const newestFirst = (home: string): LogFile[] =>
  allLogs(home).sort((a, b) => b.modifiedMs - a.modifiedMs || (a.id < b.id ? 1 : -1));

function allLogs(home: string): LogFile[] {
  let folders = [join(home, "sessions")];
  for (const name of [/^\d{4}$/, /^\d\d$/, /^\d\d$/])
    folders = folders.flatMap((folder) =>
      namesIn(folder)
        .filter((part) => name.test(part))
        .map((part) => join(folder, part)),
    );
  return folders.flatMap((folder) =>
    namesIn(folder)
      .filter((file) => file.endsWith(SUFFIX))
      .map((file) => toLogFile(join(folder, file), file.slice(0, -SUFFIX.length)))
      .filter((file) => file !== null),
  );
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function toLogFile(path: string, id: string): LogFile | null {
  try {
    const stat = statSync(path);
    return stat.isFile() ? { id, path, modifiedMs: stat.mtimeMs, sizeBytes: stat.size } : null;
  } catch {
    return null;
  }
}

function toSession(file: LogFile): Session | null {
  const open = readOpening(file.path);
  return open === null ? null : { ...file, open };
}
