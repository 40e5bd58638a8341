/**
 * Ports: every effect the engine needs, passed in as a value.
 *
 * Owns        the contracts between the engine and the edges. The engine imports no edge.
 * Invariants  1. No port rejects for what the world did: that is a variant of what it returns.
 *                `Log.append` is the exception: a turn that cannot be recorded must not go on.
 *             2. A port that takes a signal settles soon after it is aborted.
 */
import type { CallResult, Entry } from "../thread/entry.ts";
import type { Usage } from "../wire/event.ts";
import type { Item, Part } from "../wire/item.ts";
import type { Request, ToolSpec } from "../wire/request.ts";

/** The journal of one thread. */
export interface Log {
  /**
   * Record entries: one write, all or none. With `durable` they are on the disk when it returns.
   *
   * @throws {ArchiveError} when they cannot be written; the log is then as it was before.
   */
  append(entries: readonly Entry[], durable: boolean): void | Promise<void>;
  /** Entries from `seq` on, oldest first. */
  read(from: number): AsyncIterable<Entry>;
}

export interface Clock {
  /** Milliseconds since 1970, UTC. */
  now(): number;
}

/** Why a request got no answer. `message` is for people and says what to do. */
export interface ModelError {
  readonly kind:
    | "context-length"
    | "quota"
    | "auth"
    | "rate"
    | "overload"
    | "invalid-seal"
    | "refused"
    | "network"
    | "stream-cut"
    | "idle"
    | "aborted";
  readonly message: string;
  readonly status?: number;
  /** The true limit in tokens, where the provider named it. */
  readonly limit?: number;
}

export type ModelEvent =
  | { readonly kind: "text"; readonly delta: string }
  | { readonly kind: "reasoning"; readonly delta: string }
  | { readonly kind: "item"; readonly item: Item }
  /** All events of this request so far are withdrawn; it is asked again after `delayMs`. */
  | {
      readonly kind: "retry";
      readonly attempt: number;
      readonly of: number;
      readonly delayMs: number;
      readonly reason: string;
    }
  /** `cut`: the answer ended at this limit; a call it was in the middle of was dropped. */
  | { readonly kind: "completed"; readonly usage: Usage | null; readonly cut?: "max_output_tokens" }
  /** The last event of a request without an answer, an aborted one included. */
  | { readonly kind: "failed"; readonly error: ModelError };

export interface Model {
  /** One request and its stream. Always ends with `completed` or `failed`; never throws. */
  stream(request: Request, signal: AbortSignal): AsyncIterable<ModelEvent>;
}

/** What a tool may see and do beside its input. */
export interface ToolContext {
  readonly cwd: string;
  /** Most tokens the output may take; the tool cuts to it and says exactly what it left out. */
  readonly outputTokens: number;
  /** Tell the user what goes on meanwhile; never seen by the model. */
  progress(text: string): void;
}

export interface ToolAnswer {
  /** What the model reads. */
  readonly output: string | readonly Part[];
  readonly result: CallResult;
}

export interface Tool {
  readonly spec: ToolSpec;
  /** May it run beside other calls of the same step? */
  readonly parallel: boolean;
  /** It deals with `[secret:NAME]` in its input itself; for others such a call is refused. */
  readonly readsPlaceholders?: boolean;
  /** What the call is about, in one line for people. Must not throw, whatever the input. */
  describe(input: string): string;
  /**
   * Do it. Bad input, a failed command and a refusal are answers, not exceptions.
   *
   * @param input JSON text of a function call, or the free text of a custom one.
   */
  run(input: string, context: ToolContext, signal: AbortSignal): Promise<ToolAnswer>;
}

/** Starts processes; the box around them is its own business. */
export interface Run {
  start(command: RunCommand): Promise<Running>;
  /** End every process that still runs, with its whole tree. */
  close(): Promise<void>;
}

export interface RunCommand {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Give it a terminal of this size instead of pipes. */
  readonly tty?: { readonly columns: number; readonly rows: number };
}

export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A process that was started, and its output so far: bounded in memory, whole on disk. */
export interface Running {
  readonly pid: number;
  readonly startedAt: number;
  /** Null while it runs. */
  exit(): Exit | null;
  /** Resolves when it has ended and its output is in, after `ms`, or when aborted, whichever comes first. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
  /** Called with each new piece of output, until the returned function is called. */
  onOutput(listener: (text: string) => void): () => void;
  /** Take what came since the last take: the text, or its head and tail when there was too much to hold. */
  take(): Taken;
  write(text: string): Promise<void>;
  closeInput(): void;
  /** TERM to the whole group, then KILL. */
  kill(): Promise<void>;
}

export interface Taken {
  readonly head: string;
  /** Empty when `head` is all of it. */
  readonly tail: string;
  /** Bytes between head and tail that are not held in memory. */
  readonly droppedBytes: number;
  readonly droppedLines: number;
  /** File with all output of the process since it started, once there was too much to hold; else null. */
  readonly whole: string | null;
}

/** What the user typed while a turn ran. */
export interface Inbox {
  /** Take all that waits, oldest first; empty most of the time. */
  take(): readonly string[];
}

export interface Ports {
  readonly log: Log;
  readonly model: Model;
  readonly clock: Clock;
  readonly inbox: Inbox;
  /** In the order in which they stand in the prompt. */
  readonly tools: readonly Tool[];
  /** sha256 as lower-case hex. */
  hash(text: string): string;
  /** The text with every known or key-shaped secret replaced by `[secret:NAME]`. */
  mask(text: string): string;
}
