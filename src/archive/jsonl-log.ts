/**
 * The log of a thread as a file of JSON lines.
 *
 * Owns        the file while it is open for writing: its end, its lock, what is on the disk.
 * Is not      the index (SQLite, derived) and not the entries' meaning (thread/).
 * Invariants  1. An append is one write of whole lines; one that fails leaves the file as it was before.
 *             2. `seq` is dense, from 1 on.
 *             3. What a durable append acknowledged is there after the machine lost its power, its folders included.
 *             4. Nothing is written before the first append: a thread that never begins leaves nothing.
 * Format      see ./read-log.ts; the file is 0600, its folders 0700.
 */
import { closeSync, constants, fdatasyncSync, ftruncateSync, openSync, unlinkSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { Log } from "../engine/ports.ts";
import type { Entry } from "../thread/entry.ts";
import { type ArchiveError, toArchiveError } from "./archive-error.ts";
import { checkBatch } from "./batch.ts";
import { type Holder, type Lock, takeLock } from "./lock.ts";
import { makeFolders } from "./make-folders.ts";
import { entriesOf, findEnd } from "./read-log.ts";
import { syncFolders } from "./sync-folders.ts";

/** A log that is open for writing. */
export interface OpenLog extends Log {
  /** Null when it is in memory only. */
  readonly path: string | null;
  /** The newest entry; 0 = none. */
  readonly lastSeq: number;
  /** A torn last line that was found on opening: it was never acknowledged. Cut off by the first append. */
  readonly dropped: { readonly bytes: number } | null;
  /** The process that left its lock behind when it died; for a new log known after the first append. */
  readonly tookOver: Holder | null;
  /** Give up the file and its lock. Harmless when called twice. */
  close(): void;
}

/** The system calls of an append; tests hand in a disk that fails. */
export interface Disk {
  /** Write some of the bytes from `offset` on at the file's end; returns how many. */
  write(fd: number, bytes: Uint8Array, offset: number): number;
  sync(fd: number): void;
  truncate(fd: number, sizeBytes: number): void;
  /** See ./sync-folders.ts. */
  syncFolders(folder: string, firstMade: string | undefined): Promise<void>;
}

const DISK: Disk = {
  write: (fd, bytes, offset) => writeSync(fd, bytes, offset),
  sync: fdatasyncSync,
  truncate: ftruncateSync,
  syncFolders,
};

/**
 * Open the log of a thread for writing.
 *
 * @param mode `create`: a new log, made by the first append. `resume`: one that is there; its last line is read, not
 *             the whole; an empty file is a thread that was cut off before it began, and may begin now.
 * @throws {ArchiveError} `not-found`, `locked`, `not-a-log`, `newer-format`, `corrupt`, `denied`, `io`
 */
export function openLog(path: string, mode: "create" | "resume", disk: Disk = DISK): OpenLog {
  const log = new JsonlLog(path, disk);
  if (mode === "resume") log.resume();
  return log;
}

class JsonlLog implements OpenLog {
  readonly path: string;
  lastSeq = 0;
  dropped: { readonly bytes: number } | null = null;
  readonly #disk: Disk;
  #fd: number | null = null;
  #lock: Lock | null = null;
  #sizeBytes = 0;
  /** There may be bytes behind `#sizeBytes` that are not ours to keep. */
  #isTorn = false;
  #isClosed = false;
  /** We made the file. */
  #isNew = false;
  /** Under way since the file was made; null once a durable append waited for it. */
  #folders: Promise<unknown> | null = null;

  constructor(path: string, disk: Disk) {
    this.path = path;
    this.#disk = disk;
  }

  get tookOver(): Holder | null {
    return this.#lock?.tookOver ?? null;
  }

  resume(): void {
    try {
      this.#fd = openSync(this.path, constants.O_RDWR | constants.O_APPEND);
      this.#lock = takeLock(this.path);
      const end = findEnd(this.#fd, this.path);
      this.lastSeq = end.lastSeq;
      this.#sizeBytes = end.sizeBytes;
      this.#isTorn = end.tornBytes > 0;
      if (this.#isTorn) this.dropped = { bytes: end.tornBytes };
    } catch (cause) {
      this.close();
      throw toArchiveError("open log", this.path, cause);
    }
  }

  append(entries: readonly Entry[], durable: boolean): void | Promise<void> {
    this.#checkOpen();
    checkBatch(entries, this.lastSeq);
    const before = { lastSeq: this.lastSeq, sizeBytes: this.#sizeBytes };
    // Outside the try: an entry that JSON cannot hold is a fault, and must not count as a failed disk.
    const bytes = Buffer.from(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
    try {
      const fd = this.#fd ?? this.#create();
      this.#mend(fd);
      this.#writeAll(fd, bytes);
      if (durable) this.#disk.sync(fd);
    } catch (cause) {
      throw this.#takeBack(before, cause);
    }
    this.#isTorn = false;
    this.#sizeBytes += bytes.length;
    this.lastSeq += entries.length;
    if (durable && this.#folders !== null) return this.#waitForFolders(this.#folders, before);
  }

  async *read(from: number): AsyncGenerator<Entry, void, void> {
    this.#checkOpen();
    if (this.#fd !== null) yield* entriesOf(this.#fd, this.path, this.#sizeBytes, from);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#fd !== null) closeSync(this.#fd);
    if (this.#isNew && this.lastSeq === 0) this.#removeEmpty();
    this.#lock?.release();
  }

  #create(): number {
    const folder = dirname(this.path);
    const firstMade = makeFolders(folder);
    this.#lock ??= takeLock(this.path);
    const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_EXCL;
    try {
      this.#fd = openSync(this.path, flags, 0o600);
    } catch (cause) {
      this.#lock.release();
      this.#lock = null;
      throw cause;
    }
    this.#isNew = true;
    // Invariant 3. Begun at once and waited for by the first durable append, so that it costs no time in between.
    this.#folders = this.#disk.syncFolders(folder, firstMade);
    this.#folders.catch(() => {});
    return this.#fd;
  }

  async #waitForFolders(folders: Promise<unknown>, before: { lastSeq: number; sizeBytes: number }): Promise<void> {
    const after = this.#sizeBytes;
    try {
      await folders;
      this.#folders = null;
    } catch (cause) {
      if (this.#sizeBytes !== after) throw toArchiveError("write to log", this.path, cause);
      throw this.#takeBack(before, cause);
    }
  }

  #writeAll(fd: number, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) {
      this.#isTorn = true;
      const written = this.#disk.write(fd, bytes, done);
      if (written <= 0) throw new Error("nothing was written");
      done += written;
    }
  }

  /** Invariant 1. Where even the cutting back fails, the next append does it before it writes. */
  #takeBack(before: { lastSeq: number; sizeBytes: number }, cause: unknown): ArchiveError {
    this.lastSeq = before.lastSeq;
    this.#sizeBytes = before.sizeBytes;
    if (this.#fd !== null) {
      this.#isTorn = true;
      this.#tryMend(this.#fd);
    }
    return toArchiveError("write to log", this.path, cause);
  }

  /** Invariant 4, where the first append failed. */
  #removeEmpty(): void {
    try {
      unlinkSync(this.path);
    } catch {
      // An empty log is harmless.
    }
  }

  #tryMend(fd: number): void {
    try {
      this.#mend(fd);
    } catch {
      // Stays torn: a reader drops it, and so does the next append.
    }
  }

  #mend(fd: number): void {
    if (this.#isTorn) this.#disk.truncate(fd, this.#sizeBytes);
    this.#isTorn = false;
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new TypeError("Cannot use log: it is closed");
  }
}
