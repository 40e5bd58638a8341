/**
 * Ring: the head and the tail of a text that may be far too long, and exact counts of what lay between.
 *
 * Invariants  1. It holds at most `limit` bytes and one chunk.
 *             2. head + (dropped) + tail is all that was pushed since the last take; nothing is dropped below `limit`.
 */
import { headBytes } from "../kit/cut.ts";
import { TextList } from "./text-list.ts";

export interface Span {
  readonly head: string;
  readonly tail: string;
  readonly droppedBytes: number;
  readonly droppedLines: number;
}

export class Ring {
  readonly #half: number;
  #head = new TextList();
  #headFull = false;
  #tail = new TextList();
  #droppedBytes = 0;
  #droppedLines = 0;

  constructor(limit: number) {
    this.#half = Math.max(4, Math.floor(limit / 2));
  }

  get dropped(): boolean {
    return this.#droppedBytes > 0;
  }

  push(text: string): void {
    let rest = text;
    if (!this.#headFull) {
      const size = Buffer.byteLength(text);
      const room = this.#half - this.#head.sizeBytes;
      if (size <= room) return this.#head.push(text, size);
      const start = headBytes(text, room);
      this.#headFull = true;
      this.#head.push(start);
      rest = text.slice(start.length);
    }
    this.#tail.push(rest);
    while (this.#tail.sizeBytes - this.#tail.firstBytes >= this.#half) this.#drop(this.#tail.shift());
  }

  /** All that came since the last take. */
  take(): Span {
    let tail = this.#tail.join();
    const excess = this.#tail.sizeBytes - this.#half;
    if (excess > 0) {
      const start = headBytes(tail, excess + 3);
      this.#drop(start);
      tail = tail.slice(start.length);
    }
    const head = this.#head.join();
    const span: Span = this.dropped
      ? { head, tail, droppedBytes: this.#droppedBytes, droppedLines: this.#droppedLines }
      : { head: head + tail, tail: "", droppedBytes: 0, droppedLines: 0 };
    this.#head = new TextList();
    this.#tail = new TextList();
    this.#headFull = false;
    this.#droppedBytes = 0;
    this.#droppedLines = 0;
    return span;
  }

  #drop(text: string): void {
    this.#droppedBytes += Buffer.byteLength(text);
    this.#droppedLines += countLines(text);
  }
}

function countLines(text: string): number {
  let lines = 0;
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) === 10) lines++;
  return lines;
}
