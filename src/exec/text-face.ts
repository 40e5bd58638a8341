/**
 * Text face: a turn for people, on a terminal or in a log. The final message goes to stdout, all else to stderr.
 *
 * Is not      where text goes line by line (./screen.ts), nor which message is the final one (./answer.ts).
 * Invariants  1. Nothing of a model's or a tool's reaches a terminal before it went through ./visible.ts.
 */
import type { Event, TurnResult } from "../engine/event.ts";
import type { Entry } from "../thread/entry.ts";
import type { Usage } from "../wire/event.ts";
import { addUsage, NOTHING_USED } from "../wire/event.ts";
import { contentText, isMessage } from "../wire/item.ts";
import { Answer } from "./answer.ts";
import { outcomeLines } from "./call-lines.ts";
import { patchFolder } from "./call-story.ts";
import { ChangedFiles } from "./changed-files.ts";
import { exitCodeOf, type FaceResult, isClosed, NO_ENDING, type Sinks } from "./face.ts";
import { retryText } from "./retry-text.ts";
import { RunningCalls } from "./running-calls.ts";
import { Screen, type ScreenOptions } from "./screen.ts";
import { line, visible } from "./visible.ts";
import { count, plural, share, span } from "./words.ts";

/** What is said once, before the turn. */
export interface Header {
  readonly model: string;
  readonly provider: string;
  readonly cwd: string;
  readonly sandbox: string;
}

/** Time, passed in so that a test can hold it. */
export interface Ticker {
  /** Milliseconds, only ever going up. */
  now(): number;
  /** Call `tick` every `ms` until the returned function is called; never keeps the process alive. */
  every(ms: number, tick: () => void): () => void;
}

export interface TextFaceOptions extends ScreenOptions {
  readonly header: Header;
  /** Number of the window the thread is in; 1 for a new one. */
  readonly window?: number;
  readonly ticker?: Ticker;
}

const REAL_TIME: Ticker = {
  now: () => performance.now(),
  every(ms, tick) {
    const timer = setInterval(tick, ms).unref();
    return () => clearInterval(timer);
  },
};
const FILES_SHOWN = 12;

/**
 * Show one turn until it ends.
 *
 * @returns how it ended; with `closed` and exit code 130 when stdout was closed before.
 * @throws what `events` throws.
 */
export async function runTextFace(
  events: AsyncIterable<Event>,
  sinks: Sinks,
  options: TextFaceOptions,
): Promise<FaceResult> {
  const page = new Page(sinks, options);
  const stop = (options.ticker ?? REAL_TIME).every(1000, () => page.tick());
  let result: TurnResult | null = null;
  try {
    for await (const event of events) {
      if (event.kind === "turn-ended") result = event.result;
      else await page.show(event);
    }
    result ??= NO_ENDING;
    await page.end(result);
  } catch (error) {
    if (isClosed(error)) return { exitCode: 130, lastMessage: page.lastMessage, closed: true };
    throw error;
  } finally {
    stop();
    await page.close();
  }
  return { exitCode: exitCodeOf(result), lastMessage: page.lastMessage, closed: false };
}

class Page {
  readonly #screen: Screen;
  readonly #answer: Answer;
  readonly #options: TextFaceOptions;
  readonly #ticker: Ticker;
  readonly #startedAt: number;
  readonly #running = new RunningCalls();
  readonly #files: ChangedFiles;
  #used: Usage = NOTHING_USED;
  #calls = 0;
  #folds = 0;
  #window: number;
  /** The call whose line stands last on the page. */
  #lastLine = "";

  constructor(sinks: Sinks, options: TextFaceOptions) {
    this.#screen = new Screen(sinks, options);
    this.#answer = new Answer(this.#screen);
    this.#options = options;
    this.#ticker = options.ticker ?? REAL_TIME;
    this.#startedAt = this.#ticker.now();
    this.#files = new ChangedFiles(options.header.cwd);
    this.#window = options.window ?? 1;
  }

  get lastMessage(): string | null {
    return this.#answer.last;
  }

  async show(event: Exclude<Event, { kind: "turn-ended" }>): Promise<void> {
    switch (event.kind) {
      case "thread-opened":
        return this.#say(this.#header(event.thread, event.resumed));
      case "turn-started":
      case "reasoning":
        return;
      case "recorded":
        for (const entry of event.entries) await this.#recorded(entry);
        return;
      case "text":
        this.#lastLine = "";
        return this.#answer.delta(event.delta);
      case "retried":
        await this.#answer.withdrawn();
        return this.#say([this.#screen.paint(this.#screen.fit(retryText(event)), "yellow")]);
      case "call-started":
        return this.#callStarted(event);
      case "call-progress":
        return this.#running.progress(event.call, event.text);
      case "call-finished":
        return this.#callFinished(event);
      case "fold-started":
        return this.#say([this.#screen.paint("Compacting context…", "cyan")]);
      case "fold-finished":
        return this.#folded(event);
      case "used":
        this.#used = addUsage(this.#used, event.usage);
        return;
      case "notice":
        return this.#say([this.#screen.paint(`note: ${this.#screen.fit(event.text, 6)}`, "yellow")]);
      default:
        return event satisfies never;
    }
  }

  /** Say what still runs: on a terminal in place, in a log now and then. */
  tick(): void {
    // Nobody waits for these writes; an error in them comes back with the next one that is waited for.
    this.#stillRunning().catch(() => undefined);
  }

  async end(result: TurnResult): Promise<void> {
    await this.#answer.finish(result);
    const { paint } = this.#screen;
    // The reason is never cut: it says what to do.
    const say = (words: string): string => paint.call(this.#screen, visible(words), "red");
    if (result.kind === "stopped") await this.#say([say(`stopped: ${result.message}`)]);
    else if (result.kind === "interrupted") await this.#say([say(`interrupted: ${result.message}`)]);
    else if (result.kind !== "done") await this.#say([say(`error: ${result.message}`)]);
    if (result.kind === "context-full") {
      await this.#say(
        result.parts.map((part) => `  ${count(part.tokens).padStart(11)}  ${this.#screen.fit(part.name, 13)}`),
      );
    }
    await this.#say(this.#summary());
  }

  async close(): Promise<void> {
    await this.#screen.clearStatus();
  }

  async #say(lines: readonly string[]): Promise<void> {
    this.#lastLine = "";
    await this.#screen.say(lines);
  }

  async #recorded(entry: Entry): Promise<void> {
    if (entry.kind !== "item") return;
    const { item } = entry;
    if (isMessage(item, "assistant")) {
      this.#lastLine = "";
      await this.#answer.recorded(contentText(item.content));
    } else if (item.type === "reasoning") {
      const words = (item.summary ?? [])
        .map((part) => part.text)
        .join(" ")
        .replaceAll("**", "");
      if (words.trim() !== "") await this.#say([this.#screen.paint(this.#screen.fit(words.trim()), "dim")]);
    }
  }

  async #callStarted(event: Extract<Event, { kind: "call-started" }>): Promise<void> {
    this.#calls++;
    this.#running.start(event, this.#ticker.now());
    await this.#answer.goesOn();
    await this.#say([`${this.#screen.paint("•", "cyan")} ${this.#screen.fit(event.title, 2)}`]);
    this.#lastLine = event.call.call_id;
  }

  async #callFinished(event: Extract<Event, { kind: "call-finished" }>): Promise<void> {
    const started = this.#running.finish(event.call);
    if (started === null) {
      this.#calls++;
      await this.#answer.goesOn();
    }
    const { files } = event.result;
    if (files !== undefined) this.#files.add(files, patchFolder(event.call, this.#options.header.cwd));
    const ms = started === null ? 0 : this.#ticker.now() - started.startedAt;
    const title = this.#lastLine === event.call.call_id ? "" : (started?.title ?? event.call.name);
    await this.#say(outcomeLines(this.#screen, event, { title, ms }));
  }

  async #folded({ fold, window }: Extract<Event, { kind: "fold-finished" }>): Promise<void> {
    this.#folds++;
    this.#window = window;
    const sizes = `${count(fold.tokensBefore)} → ${count(fold.tokensAfter)} tokens`;
    const words = `compacted: ${sizes} (${fold.rung}, ${span(fold.durationMs)}), window ${window}`;
    await this.#say([this.#screen.paint(words, "cyan")]);
  }

  async #stillRunning(): Promise<void> {
    const now = this.#ticker.now();
    const said = (words: string): string => (words === "" ? "" : ` · ${words}`);
    if (this.#screen.isLive) {
      const longest = this.#running.longest(now);
      if (longest === null) return;
      const others = longest.others === 0 ? "" : ` (+${longest.others})`;
      const words = `  … ${span(longest.ms)}${others} · ${longest.title}${said(longest.said)}`;
      return this.#screen.status(this.#screen.fit(words));
    }
    await this.#screen.say(
      this.#running
        .due(now)
        .map(({ title, ms, said: last }) => this.#screen.fit(`  … ${span(ms)} · ${title}${said(last)}`)),
    );
  }

  #header(thread: string, isResumed: boolean): string[] {
    const { model, provider, cwd, sandbox } = this.#options.header;
    // Not cut: the id is there to be copied, and the rest to be known.
    const row = (name: string, value: string): string =>
      `${this.#screen.paint(name.padEnd(9), "dim")} ${line(value, 4096)}`;
    return [
      row("thread", `${thread}${isResumed ? " (resumed)" : ""}`),
      row("model", `${model} (${provider})`),
      row("directory", cwd),
      row("sandbox", sandbox),
      "",
    ];
  }

  #summary(): string[] {
    const used = this.#used;
    const row = (name: string, value: string): string => `${this.#screen.paint(name.padEnd(9), "dim")} ${value}`;
    const cached = `${share(used.cachedTokens, used.inputTokens)} cached`;
    const tokens = [
      `${count(used.inputTokens)} in (${cached})`,
      `${count(used.outputTokens)} out`,
      `${count(used.reasoningTokens)} of it reasoning`,
    ];
    return [
      "",
      ...this.#changed().map((words, index) => row(index === 0 ? "changed" : "", words)),
      row(
        "windows",
        this.#folds === 0 ? `${this.#window}` : `${this.#window} (${plural(this.#folds, "fold")} in this turn)`,
      ),
      row("tokens", tokens.join(", ")),
      row("calls", count(this.#calls)),
      row("time", span(this.#ticker.now() - this.#startedAt)),
    ];
  }

  #changed(): string[] {
    const files = this.#files.list();
    if (files.length === 0) return ["no files by patches"];
    const marks = { add: "+", update: "~", delete: "-" };
    const shown = files
      .slice(0, FILES_SHOWN)
      .map(({ path, change }) => `${marks[change]} ${this.#screen.fit(path, 12)}`);
    const rest = files.length - shown.length;
    return rest === 0 ? shown : [...shown, `… and ${plural(rest, "more file")}`];
  }
}
