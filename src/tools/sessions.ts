/**
 * Sessions: commands that were started by a tool, numbered once they outlive the call that started them.
 *
 * Owns        the numbers, the limit on how many are kept, and who goes when there are too many.
 * Invariants  1. A number is never used twice, from the first one on that the caller names.
 *             2. At most `max` are kept: the oldest ended one goes first, else the one not used for longest.
 */
import type { Running, ToolAnswer, ToolContext } from "../engine/ports.ts";
import { oneLine } from "../kit/cut.ts";
import { type Kept, outputText } from "./output-text.ts";

/** What a runner may offer beyond the port; without it there is no file to point to. */
export interface Command extends Running {
  readonly receivedBytes?: number;
  readonly keepWhole?: () => Kept;
}

export interface Session {
  readonly command: Command;
  /** The command line, for people. */
  readonly line: string;
  readonly takesInput: boolean;
  readonly startedAt: number;
  endedAt: number | null;
  /** 0 until it is kept. */
  number: number;
  usedAt: number;
}

export interface Ask {
  readonly tokens: number;
  /** Instead of how it ended or that it runs. */
  readonly title?: string;
  readonly note?: string;
}

const NEVER = new AbortController().signal;
const PROGRESS_MS = 100;
const PROGRESS_CHARS = 4096;

export class Sessions {
  readonly #max: number;
  readonly #now: () => number;
  readonly #kept = new Map<number, Session>();
  #last: number;
  #uses = 0;

  /** @param first number of the first session that is kept */
  constructor(max: number, now: () => number, first = 1) {
    this.#max = max;
    this.#now = now;
    this.#last = first - 1;
  }

  /** Take charge of a command that was just started at `startedAt`. */
  open(command: Command, line: string, takesInput: boolean, startedAt: number): Session {
    const session: Session = { command, line, takesInput, startedAt, endedAt: null, number: 0, usedAt: 0 };
    if (command.exit() === null) {
      void command.wait(Number.POSITIVE_INFINITY, NEVER).then(() => {
        session.endedAt = this.#now();
      });
    }
    return session;
  }

  /** Give it a number. Says in a line which other session had to go for it; empty when none had. */
  keep(session: Session): string {
    const note = this.#kept.size >= this.#max ? this.#makeRoom() : "";
    session.number = ++this.#last;
    this.use(session);
    this.#kept.set(session.number, session);
    return note;
  }

  find(number: number): Session | null {
    return this.#kept.get(number) ?? null;
  }

  use(session: Session): void {
    session.usedAt = ++this.#uses;
  }

  /** Which sessions there are, as a sentence. */
  list(): string {
    const all = [...this.#kept.values()].map(({ number, line }) => `${number} (${oneLine(line, 60)})`);
    return all.length === 0 ? "No session is open." : `Open sessions: ${all.join(", ")}.`;
  }

  /** Wait until it ends, `ms` are over or the call is aborted; new output is told as progress meanwhile. */
  async watch(session: Session, ms: number, context: ToolContext, signal: AbortSignal): Promise<void> {
    const progress = new Progress(context, this.#now);
    const stop = session.command.onOutput((text) => progress.add(text));
    await session.command.wait(ms, signal);
    stop();
    progress.end();
  }

  /** What the model reads of it now. A session that has ended is forgotten with that. */
  answer(session: Session, ask: Ask): ToolAnswer {
    const { command } = session;
    const exit = command.exit();
    if (exit !== null) this.#kept.delete(session.number);
    const durationMs = Math.max(0, (session.endedAt ?? this.#now()) - session.startedAt);
    const state =
      exit === null
        ? `still running as session ${session.number}`
        : exit.signal === null
          ? `exit code ${exit.code ?? 0}`
          : `killed by ${exit.signal}`;
    const taken = command.take();
    const { text, whole } = outputText(taken, {
      title: `${ask.title ?? state} · ${(durationMs / 1000).toFixed(1)} s`,
      note: ask.note ?? "",
      tokens: ask.tokens,
      receivedBytes: command.receivedBytes ?? Buffer.byteLength(taken.head + taken.tail) + taken.droppedBytes,
      keepWhole: () => command.keepWhole?.() ?? { file: taken.whole, trouble: "" },
    });
    return {
      output: text,
      result: {
        ok: ask.title === undefined && (exit === null || exit.code === 0),
        ...(exit?.code == null ? {} : { exit: exit.code }),
        ...(exit?.signal == null ? {} : { signal: exit.signal }),
        ...(exit === null && session.number > 0 ? { running: session.number } : {}),
        durationMs,
        ...(whole === null ? {} : { whole }),
      },
    };
  }

  async close(): Promise<void> {
    const all = [...this.#kept.values()];
    this.#kept.clear();
    await Promise.all(all.map(({ command }) => command.kill()));
  }

  #makeRoom(): string {
    const all = [...this.#kept.values()];
    const ended = all.find(({ command }) => command.exit() !== null);
    const victim = ended ?? all.reduce((a, b) => (a.usedAt <= b.usedAt ? a : b));
    this.#kept.delete(victim.number);
    if (ended !== undefined) return `[session ${ended.number} had ended; its last output was dropped to make room]`;
    void victim.command.kill();
    const name = `session ${victim.number} (${oneLine(victim.line, 60)})`;
    return `[${name} was killed to make room: at most ${this.#max} sessions are kept]`;
  }
}

/** Tells the first output at once and the rest at most ten times a second, never more than the last few lines. */
class Progress {
  readonly #context: ToolContext;
  readonly #now: () => number;
  #pending = "";
  #toldAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;

  constructor(context: ToolContext, now: () => number) {
    this.#context = context;
    this.#now = now;
  }

  add(text: string): void {
    this.#pending = (this.#pending + text).slice(-PROGRESS_CHARS);
    if (this.#now() - this.#toldAt >= PROGRESS_MS) this.#tell();
    else this.#timer ??= setTimeout(() => this.#tell(), PROGRESS_MS);
  }

  end(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #tell(): void {
    this.end();
    this.#timer = null;
    this.#toldAt = this.#now();
    const text = this.#pending;
    this.#pending = "";
    if (text !== "") this.#context.progress(text);
  }
}
