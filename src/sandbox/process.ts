/**
 * Process: one started command behind the port `Running`, whatever it is connected through.
 *
 * Owns        when a command counts as ended: its main process is gone and its output is in, or a short grace
 *             is over while some grandchild still holds the pipe.
 * Invariants  1. `exit()` is null until then, and never changes afterwards.
 *             2. No method rejects for what the process does.
 */
import type { Exit, Running, Taken } from "../engine/ports.ts";
import type { Output } from "./output.ts";
import type { Kept } from "./spill.ts";
import { endTree } from "./tree.ts";

/** What a process is connected through: pipes or a terminal. */
export interface Line {
  /** 0 when nothing was started. */
  readonly pid: number;
  write(text: string): Promise<void>;
  closeInput(): void;
  /** Let go of the pipes: they no longer keep our own process alive. */
  release(): void;
}

export interface ProcessOptions {
  readonly output: Output;
  readonly mark: string;
  readonly startedAt: number;
  /** Between TERM and KILL. */
  readonly graceMs: number;
  readonly onEnd: () => void;
}

/** After the main process has gone, output is waited for until it was silent for so long, and so many times at most. */
const DRAIN_MS = 150;
const DRAIN_ROUNDS = 10;

export class Process implements Running {
  readonly startedAt: number;
  readonly #options: ProcessOptions;
  readonly #output: Output;
  readonly #waiting = new Set<() => void>();
  #line: Line = NO_LINE;
  #gone: Exit | null = null;
  #exit: Exit | null = null;
  #drain: NodeJS.Timeout | null = null;
  #killing: Promise<void> | null = null;

  constructor(options: ProcessOptions) {
    this.#options = options;
    this.#output = options.output;
    this.startedAt = options.startedAt;
  }

  /** Called by the line: it is connected, its main process is gone, all its output is in. */
  connected(line: Line): void {
    this.#line = line;
  }

  left(exit: Exit): void {
    this.#gone ??= exit;
    if (this.#drain === null) this.#awaitSilence(DRAIN_ROUNDS);
  }

  drained(): void {
    if (this.#gone === null || this.#exit !== null) return;
    if (this.#drain !== null) clearTimeout(this.#drain);
    this.#output.end();
    this.#exit = this.#gone;
    this.#line.release();
    this.#options.onEnd();
    for (const resolve of [...this.#waiting]) resolve();
  }

  /** It could not be started. */
  refused(text: string, code: number): void {
    this.#output.say(text);
    this.#gone = { code, signal: null };
    this.drained();
  }

  get pid(): number {
    return this.#line.pid;
  }

  /** Its process group; none once the main process has gone, as the number may be somebody else's then. */
  get leaders(): readonly number[] {
    return this.#gone === null && this.#line.pid !== 0 ? [this.#line.pid] : [];
  }

  /** Bytes of output so far, as the process wrote them. */
  get receivedBytes(): number {
    return this.#output.receivedBytes;
  }

  exit(): Exit | null {
    return this.#exit;
  }

  async wait(ms: number, signal: AbortSignal): Promise<void> {
    if (this.#exit !== null || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = Number.isFinite(ms) ? setTimeout(done, Math.max(0, Math.min(ms, 2 ** 31 - 1))) : undefined;
      const waiting = this.#waiting;
      waiting.add(done);
      signal.addEventListener("abort", done, { once: true });
      function done(): void {
        clearTimeout(timer);
        waiting.delete(done);
        signal.removeEventListener("abort", done);
        resolve();
      }
    });
    if (this.#exit === null) this.#output.settle();
  }

  onOutput(listener: (text: string) => void): () => void {
    return this.#output.onText(listener);
  }

  take(): Taken {
    return this.#output.take();
  }

  /** Have all output, so far and to come, in a file, and say in which. */
  keepWhole(): Kept {
    return this.#output.keepWhole();
  }

  async write(text: string): Promise<void> {
    if (this.#exit === null) await this.#line.write(text);
  }

  closeInput(): void {
    this.#line.closeInput();
  }

  kill(): Promise<void> {
    this.#killing ??= this.#kill();
    return this.#killing;
  }

  #awaitSilence(rounds: number): void {
    const seen = this.#output.receivedBytes;
    this.#drain = setTimeout(() => {
      // If we were busy all the time, what waits in the pipe is read first.
      setImmediate(() => {
        if (rounds > 1 && this.#output.receivedBytes !== seen) this.#awaitSilence(rounds - 1);
        else this.drained();
      });
    }, DRAIN_MS);
  }

  async #kill(): Promise<void> {
    if (this.#line.pid === 0) return;
    await endTree({ leaders: this.leaders, mark: this.#options.mark }, this.#options.graceMs);
    await this.wait(1000, NEVER);
  }
}

const NEVER = new AbortController().signal;
const NO_LINE: Line = { pid: 0, write: async () => {}, closeInput: () => {}, release: () => {} };
