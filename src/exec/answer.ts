/**
 * Answer: where the model's messages go: the final one to stdout, what it says on the way to people.
 *
 * Invariants  1. The final message is on stdout whole, once, and nothing else of the model's is when stdout is no
 *                terminal, so that `> answer.txt` holds only it.
 *             2. On a terminal text is shown as it comes. In a log a message waits until it is known to be the
 *                final one or not, so that no log holds it twice.
 *             3. A terminal gets visible text; a file or pipe gets the final message word for word.
 */
import type { TurnResult } from "../engine/event.ts";
import type { Sink } from "./face.ts";
import type { Screen } from "./screen.ts";
import { VisibleStream, visible } from "./visible.ts";

export class Answer {
  last: string | null = null;
  readonly #screen: Screen;
  /** Where text is streamed to; null = nowhere. */
  readonly #live: Sink | null;
  readonly #safe = new VisibleStream();
  /** Text shown since the last recorded message. */
  #shown = "";
  /** Messages since the last call: one of them, or all together, may be the final message. */
  #recent: string[] = [];
  /** A message that nobody was shown yet. */
  #held: string | null = null;

  constructor(screen: Screen) {
    this.#screen = screen;
    this.#live = screen.stdout.isTTY ? screen.stdout : screen.stderr.isTTY ? screen.stderr : null;
  }

  async delta(text: string): Promise<void> {
    if (this.#live === null) return;
    this.#shown += text;
    await this.#screen.stream(this.#live, this.#safe.take(text));
  }

  /** What was streamed since the last recorded message does not count. */
  async withdrawn(): Promise<void> {
    await this.#endStream();
    this.#shown = "";
  }

  async recorded(message: string): Promise<void> {
    if (message.trim() === "") return;
    this.last = message;
    this.#recent.push(message);
    if (this.#live === null) {
      await this.#release();
      this.#held = message;
      return;
    }
    if (this.#shown.startsWith(message)) {
      this.#shown = this.#shown.slice(message.length);
    } else {
      const isPart = message.startsWith(this.#shown);
      if (!isPart) await this.#endStream();
      await this.#screen.stream(this.#live, this.#safe.take(isPart ? message.slice(this.#shown.length) : message));
      this.#shown = "";
    }
    if (this.#shown === "") await this.#endStream();
  }

  /** More follows: what was said so far is not the final message. */
  async goesOn(): Promise<void> {
    await this.#endStream();
    await this.#release();
    this.#shown = "";
    this.#recent = [];
  }

  async finish(result: TurnResult): Promise<void> {
    await this.#endStream();
    const isSeen = result.kind === "done" && this.#isRecent(result.text);
    if (isSeen) this.#held = null;
    await this.#release();
    if (result.kind !== "done") return;
    this.last = result.text;
    const { stdout } = this.#screen;
    if (result.text === "" || (isSeen && this.#live === stdout)) return;
    await this.#screen.freshLine();
    const text = stdout.isTTY ? visible(result.text) : result.text;
    await stdout.write(text.endsWith("\n") ? text : `${text}\n`);
  }

  #isRecent(text: string): boolean {
    const bare = (words: string): string => words.replace(/\s+/g, "");
    return this.#recent.at(-1) === text || bare(this.#recent.join("")) === bare(text);
  }

  async #endStream(): Promise<void> {
    const rest = this.#safe.end();
    if (this.#live === null) return;
    await this.#screen.stream(this.#live, rest);
    await this.#screen.freshLine();
  }

  async #release(): Promise<void> {
    const held = this.#held;
    this.#held = null;
    if (held !== null) await this.#screen.say([visible(held).trimEnd()]);
  }
}
