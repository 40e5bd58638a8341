/**
 * Spill: the file that keeps what memory does not.
 *
 * Invariants  1. The file is only readable by its owner and never larger than `limitBytes` and one line that says so.
 *             2. A disk that is full is a note, never an exception.
 */
import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { headBytes } from "../kit/cut.ts";

export interface Kept {
  /** Null when not even an empty file could be made. */
  readonly file: string | null;
  /** Why there is no file, or what it holds instead of everything; empty when it holds everything. */
  readonly trouble: string;
}

export interface SpillOptions {
  readonly dir: string;
  readonly limitBytes: number;
  /** Start of the file's name. */
  readonly name: string;
}

export class Spill {
  readonly #options: SpillOptions;
  #file: string | null = null;
  #fd: number | null = null;
  #sizeBytes = 0;
  #trouble = "";

  /** @effects makes the folder and the file; written synchronously, so that memory can never run ahead of the disk. */
  constructor(options: SpillOptions) {
    this.#options = options;
    try {
      mkdirSync(options.dir, { recursive: true, mode: 0o700 });
      this.#open();
    } catch (error) {
      this.#trouble = `it could not be saved: ${reason(error)}`;
    }
  }

  get kept(): Kept {
    return { file: this.#file, trouble: this.#trouble };
  }

  write(text: string): void {
    if (this.#fd === null) return;
    const bytes = Buffer.from(text);
    const room = this.#options.limitBytes - this.#sizeBytes;
    if (bytes.byteLength <= room) return this.#writeAll(bytes);
    const limit = sizeText(this.#options.limitBytes);
    this.#writeAll(Buffer.from(headBytes(text, room)));
    this.#writeAll(Buffer.from(`\n[the output goes on; this file ends at its limit of ${limit}]\n`));
    if (this.#trouble === "") this.#trouble = `only its first ${limit}`;
    this.close();
  }

  close(): void {
    if (this.#fd === null) return;
    const fd = this.#fd;
    this.#fd = null;
    try {
      closeSync(fd);
    } catch (error) {
      this.#fail(error);
    }
  }

  #open(): void {
    const { dir, name } = this.#options;
    for (let attempt = 0; this.#fd === null; attempt++) {
      const file = join(dir, `${name}${attempt === 0 ? "" : `-${attempt}`}.txt`);
      try {
        this.#fd = openSync(file, "wx", 0o600);
        this.#file = file;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST" || attempt > 1000) throw error;
      }
    }
  }

  #writeAll(bytes: Uint8Array): void {
    try {
      for (let done = 0; done < bytes.byteLength && this.#fd !== null; ) {
        const count = writeSync(this.#fd, bytes, done);
        done += count;
        this.#sizeBytes += count;
      }
    } catch (error) {
      this.#fail(error);
      this.close();
    }
  }

  #fail(error: unknown): void {
    this.#trouble = `only its first ${sizeText(this.#sizeBytes)} (${reason(error)})`;
  }
}

/** "ENOSPC: no space left on device", without the system call and its arguments. */
const reason = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split(",", 1)[0] ?? "";

const sizeText = (bytes: number): string =>
  bytes >= 1 << 20 && bytes % (1 << 20) === 0 ? `${bytes >> 20} MiB` : `${bytes} bytes`;
