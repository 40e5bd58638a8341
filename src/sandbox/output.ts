/**
 * Output: everything a process prints, masked, bounded in memory and whole on disk.
 *
 * Owns        the decision when output goes to a file: when it is larger than the buffer, or on request.
 * Invariants  1. Memory holds at most about twice `bufferBytes`, however much is printed.
 *             2. The file, once there is one, starts with the first byte of the process's output.
 *             3. Nothing leaves here, to memory, listeners or disk, that was not masked.
 */
import { StringDecoder } from "node:string_decoder";
import type { Taken } from "../engine/ports.ts";
import { LineMask, type Mask } from "./line-mask.ts";
import { Ring } from "./ring.ts";
import { type Kept, Spill, type SpillOptions } from "./spill.ts";
import { TextList } from "./text-list.ts";

export interface OutputOptions {
  readonly bufferBytes: number;
  readonly mask: Mask;
  readonly spill: SpillOptions;
}

/** An unfinished line is shown after the process was silent for so long: it may be a prompt. */
const QUIET_MS = 50;
const SHORT_QUIET_MS = 10;

export class Output {
  readonly #options: OutputOptions;
  readonly #ring: Ring;
  readonly #channels: Channel[] = [];
  readonly #listeners = new Set<(text: string) => void>();
  /** All of it so far, until it goes to the file. */
  #history: TextList | null = new TextList();
  #spill: Spill | null = null;
  #ended = false;
  #receivedBytes = 0;

  constructor(options: OutputOptions) {
    this.#options = options;
    this.#ring = new Ring(options.bufferBytes);
  }

  /** Bytes the process wrote so far, as they came. */
  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /** A function that takes the bytes of one stream. Each stream keeps its own unfinished line. */
  channel(): (bytes: Uint8Array) => void {
    const channel = new Channel(this.#options.mask, (text) => this.#add(text));
    this.#channels.push(channel);
    return (bytes) => {
      if (this.#ended) return;
      this.#receivedBytes += bytes.byteLength;
      channel.push(bytes);
    };
  }

  /** Text of our own, such as why nothing could be started. */
  say(text: string): void {
    this.#add(this.#options.mask(text));
  }

  onText(listener: (text: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  take(): Taken {
    const span = this.#ring.take();
    return { ...span, whole: this.#spill?.kept.file ?? null };
  }

  /** Make sure all output so far and to come is in a file. */
  keepWhole(): Kept {
    return this.#openSpill().kept;
  }

  /** Show unfinished lines that did not just come. */
  settle(): void {
    for (const channel of this.#channels) channel.settle();
  }

  /** No more comes; what was held back is shown. */
  end(): void {
    if (this.#ended) return;
    for (const channel of this.#channels) channel.end();
    this.#ended = true;
    this.#spill?.close();
  }

  #add(text: string): void {
    if (text === "") return;
    this.#ring.push(text);
    this.#history?.push(text);
    this.#spill?.write(text);
    const tooLong = this.#history !== null && this.#history.sizeBytes > this.#options.bufferBytes;
    if (tooLong || (this.#ring.dropped && this.#spill === null)) this.#openSpill();
    for (const listener of this.#listeners) listener(text);
  }

  #openSpill(): Spill {
    if (this.#spill !== null) return this.#spill;
    this.#spill = new Spill(this.#options.spill);
    this.#spill.write(this.#history?.join() ?? ""); // invariant 2
    this.#history = null;
    if (this.#ended) this.#spill.close();
    return this.#spill;
  }
}

/** One stream: bytes to characters, lines masked. */
class Channel {
  readonly #decoder = new StringDecoder("utf8");
  readonly #lines: LineMask;
  readonly #show: (text: string) => void;
  #timer: NodeJS.Timeout | null = null;
  #lastAt = 0;

  constructor(mask: Mask, show: (text: string) => void) {
    this.#lines = new LineMask(mask);
    this.#show = show;
  }

  push(bytes: Uint8Array): void {
    this.#show(this.#lines.push(this.#decoder.write(bytes)));
    if (!this.#lines.holds) return;
    this.#lastAt = performance.now();
    if (this.#timer === null) this.#timer = setTimeout(() => this.#show(this.#lines.flush()), QUIET_MS).unref();
    else this.#timer.refresh();
  }

  settle(): void {
    if (performance.now() - this.#lastAt >= SHORT_QUIET_MS) this.#show(this.#lines.flush());
  }

  end(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#show(this.#lines.push(this.#decoder.end()) + this.#lines.flush());
  }
}
