/**
 * Screen: stdout and stderr as one page for people, with one line at the end that may be rewritten.
 *
 * Owns        colours, width, and who stands in the middle of a line.
 * Invariants  1. What is written whole starts on a fresh line, whatever was streamed before.
 *             2. On a terminal that can't rewrite, and in a log, no cursor movement is ever written.
 *             3. A closed stderr is no reason to stop; a closed stdout is (the write throws).
 */
import { isClosed, type Sink, type Sinks } from "./face.ts";
import { line } from "./visible.ts";

export type Color = "auto" | "always" | "never";

export interface ScreenOptions {
  readonly color?: Color;
  /** NO_COLOR and TERM are read from it. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export type Paint = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

const CODES: Readonly<Record<Paint, number>> = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 };
const WIDTH_OF_LOG = 160;

export class Screen {
  readonly stdout: Sink;
  readonly stderr: Sink;
  /** Can the last line be rewritten? */
  readonly isLive: boolean;
  readonly #hasColor: boolean;
  #hasStatus = false;
  #open: Sink | null = null;
  #isStderrGone = false;

  constructor(sinks: Sinks, { color = "auto", env = {} }: ScreenOptions) {
    this.stdout = sinks.stdout;
    this.stderr = sinks.stderr;
    this.isLive = sinks.stderr.isTTY && env.TERM !== "dumb";
    this.#hasColor = color === "always" || (color === "auto" && this.isLive && !env.NO_COLOR);
  }

  get columns(): number {
    // Some terminals say 0 when they do not know.
    return this.stderr.isTTY ? Math.max(20, this.stderr.columns || 80) : WIDTH_OF_LOG;
  }

  paint(text: string, ...paints: readonly Paint[]): string {
    if (!this.#hasColor || text === "") return text;
    return `${paints.map((paint) => `\x1b[${CODES[paint]}m`).join("")}${text}\x1b[0m`;
  }

  /** Text of others as one safe line that fits behind an indent of `taken` columns. */
  fit(text: string, taken = 0): string {
    return line(text, this.columns - taken - 1);
  }

  /** Write lines to stderr. They are ours or went through `fit` or `visible`. */
  async say(lines: readonly string[]): Promise<void> {
    if (lines.length === 0) return;
    await this.freshLine();
    await this.#err(`${lines.join("\n")}\n`);
  }

  /** Write a piece of a line, or of several. */
  async stream(sink: Sink, text: string): Promise<void> {
    if (text === "") return;
    await this.clearStatus();
    if (this.#open !== sink) await this.freshLine();
    await (sink === this.stderr ? this.#err(text) : sink.write(text));
    this.#open = text.endsWith("\n") ? null : sink;
  }

  /** End the line that was streamed to, and take away the status. */
  async freshLine(): Promise<void> {
    await this.clearStatus();
    const open = this.#open;
    this.#open = null;
    if (open !== null) await (open === this.stderr ? this.#err("\n") : open.write("\n"));
  }

  /** Show or rewrite the status line; not while a line is being streamed. */
  async status(text: string): Promise<void> {
    if (!this.isLive || this.#open !== null) return;
    this.#hasStatus = true;
    await this.#err(`\r\x1b[2K${this.paint(text, "dim")}`);
  }

  async clearStatus(): Promise<void> {
    if (!this.#hasStatus) return;
    this.#hasStatus = false;
    await this.#err("\r\x1b[2K");
  }

  async #err(text: string): Promise<void> {
    if (this.#isStderrGone) return;
    try {
      await this.stderr.write(text);
    } catch (error) {
      if (!isClosed(error)) throw error;
      this.#isStderrGone = true; // invariant 3
    }
  }
}
