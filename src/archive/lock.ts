/**
 * Lock: one writer for a log.
 *
 * Owns        who may write, and when a lock was left behind by a process that died.
 * Invariants  1. A lock file appears with its content, and only where there was none.
 *             2. Only who holds the lock on a dead lock (`<lock>.take`) may replace it, after a second look: of two
 *                takers one wins, and one that comes late finds the winner alive.
 *             3. A process that was killed leaves nothing that stands in anybody's way.
 * Format      `<log>.lock`, JSON `{pid, started, boot}`. Anything else in it was torn by a crash: nobody holds it.
 */
import { linkSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { ArchiveError, errnoOf } from "./archive-error.ts";
import { isAlive, ownMark, type ProcessMark } from "./process-mark.ts";

/** A process that had the lock and is gone; pid 0 = its lock could not be read. */
export interface Holder {
  readonly pid: number;
}

export interface Lock {
  readonly tookOver: Holder | null;
  release(): void;
}

/** A lock on a lock on a lock: each level is a process killed within the same microseconds. */
const MOST_LEVELS = 4;
/** Locks may come and go while we look; more often than this, something else is wrong. */
const MOST_LOOKS = 100;

/**
 * Take the lock of a log.
 *
 * @param path the log's
 * @throws {ArchiveError} `locked` when a live process has it; anything else is the system's own error
 */
export function takeLock(path: string): Lock {
  const lock = `${path}.lock`;
  const { heldBy, tookOver } = take(lock, 1);
  if (heldBy !== null) {
    const who = heldBy === process.pid ? "this process" : `process ${heldBy}`;
    throw new ArchiveError("locked", `Cannot open log "${path}": ${who} is writing to it; end that first`);
  }
  return { tookOver, release: () => release(lock) };
}

interface Taken {
  /** Pid of the live process that has it; null = we do. */
  readonly heldBy: number | null;
  readonly tookOver: Holder | null;
}

function take(lock: string, level: number): Taken {
  for (let look = 0; look < MOST_LOOKS; look++) {
    if (create(lock)) return { heldBy: null, tookOver: null };
    const content = readIfThere(lock);
    if (content === null) continue;
    const mark = parseMark(content);
    if (mark !== null && isAlive(mark)) return { heldBy: mark.pid, tookOver: null };
    if (level === MOST_LEVELS) break;
    const claim = `${lock}.take`;
    const claimed = take(claim, level + 1);
    if (claimed.heldBy !== null) return { heldBy: claimed.heldBy, tookOver: null };
    try {
      // Invariant 2: between the first look and the claim another taker may have come and be gone.
      if (readIfThere(lock) === content) {
        replace(lock);
        return { heldBy: null, tookOver: { pid: mark?.pid ?? 0 } };
      }
    } finally {
      release(claim);
    }
  }
  throw new Error(`the lock "${lock}" cannot be taken over; remove it if no other godwit runs`);
}

/** Put our mark there if there is nothing; a link appears at once and whole. */
function create(lock: string): boolean {
  const draft = writeDraft(lock);
  try {
    linkSync(draft, lock);
    return true;
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return false;
    return createWithoutLinks(lock);
  } finally {
    unlinkSync(draft);
  }
}

/** For file systems without hard links: the content comes a moment after the file. */
function createWithoutLinks(lock: string): boolean {
  try {
    writeFileSync(lock, ownText(), { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return false;
    throw error;
  }
}

const replace = (lock: string): void => renameSync(writeDraft(lock), lock);

/** Remove it if it is ours. */
function release(lock: string): void {
  try {
    if (readFileSync(lock, "utf8") === ownText()) unlinkSync(lock);
  } catch {
    // Gone, or out of reach: who comes next finds that its holder has ended.
  }
}

function writeDraft(lock: string): string {
  const draft = `${lock}.${process.pid}`;
  try {
    writeFileSync(draft, ownText(), { mode: 0o600 });
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
  return draft;
}

const ownText = (): string => JSON.stringify(ownMark());

function readIfThere(lock: string): string | null {
  try {
    return readFileSync(lock, "utf8");
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return null;
    throw error;
  }
}

function parseMark(text: string): ProcessMark | null {
  try {
    const { pid, started, boot } = JSON.parse(text) as Partial<ProcessMark>;
    const isMark = Number.isSafeInteger(pid) && typeof started === "number" && (pid as number) > 0;
    return isMark ? { pid: pid as number, started, boot: typeof boot === "string" ? boot : null } : null;
  } catch {
    return null;
  }
}
