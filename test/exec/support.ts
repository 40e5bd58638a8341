/** Sinks that remember, and events as the engine would tell them. */
import type { Event } from "../../src/engine/event.ts";
import type { Sink, Sinks } from "../../src/exec/face.ts";
import type { Ticker } from "../../src/exec/text-face.ts";
import type { CallResult, Entry, FoldEntry } from "../../src/thread/entry.ts";
import { answer, type Call, type Item, message } from "../../src/wire/item.ts";

export class MemorySink implements Sink {
  text = "";
  readonly writes: string[] = [];
  readonly isTTY: boolean;
  readonly columns: number | undefined;

  constructor(columns?: number) {
    this.isTTY = columns !== undefined;
    this.columns = columns;
  }

  write(text: string): void {
    this.text += text;
    this.writes.push(text);
  }
}

export interface MemorySinks extends Sinks {
  readonly stdout: MemorySink;
  readonly stderr: MemorySink;
}

export const memorySinks = (outColumns?: number, errColumns?: number): MemorySinks => ({
  stdout: new MemorySink(outColumns),
  stderr: new MemorySink(errColumns),
});

export async function* told(events: readonly Event[]): AsyncGenerator<Event> {
  yield* events;
}

const TS = "2026-01-01T00:00:00.000Z";

export const entry = (item: Item): Entry => ({ seq: 1, ts: TS, kind: "item", item });
export const recorded = (...items: Item[]): Event => ({ kind: "recorded", entries: items.map(entry) });
export const says = (text: string): Event => recorded(message("assistant", text));

export const fn = (id: string, name: string, input: unknown): Call => ({
  type: "function_call",
  call_id: id,
  name,
  arguments: JSON.stringify(input),
});

export const patchCall = (id: string, patch: string): Call => ({
  type: "custom_tool_call",
  call_id: id,
  name: "apply_patch",
  input: patch,
});

export const started = (call: Call, title: string): Event => ({ kind: "call-started", call, title });
export const finished = (call: Call, output: string, result: CallResult): Event => ({
  kind: "call-finished",
  call,
  output: answer(call, output),
  result,
});

export const used = (input: number, cached: number, output: number, reasoning: number): Event => ({
  kind: "used",
  usage: {
    inputTokens: input,
    cachedTokens: cached,
    cacheWriteTokens: 1,
    outputTokens: output,
    reasoningTokens: reasoning,
  },
});

export const opened: Event = { kind: "thread-opened", thread: "0199-thread", resumed: false };
export const done = (text: string): Event => ({ kind: "turn-ended", result: { kind: "done", text } });

export const fold: FoldEntry = {
  seq: 9,
  ts: TS,
  kind: "fold",
  trigger: "limit",
  phase: "in-turn",
  rung: "digest",
  level: 0,
  generation: 0,
  from: 1,
  to: 8,
  users: [],
  record: "r",
  now: [],
  clips: [],
  tokensBefore: 48120,
  tokensAfter: 9310,
  durationMs: 12,
  renderer: 1,
  frozen: { items: 0, sha256: "" },
};

/** Time that moves only when told to. */
export class HeldTicker implements Ticker {
  ms = 0;
  #tick: (() => void) | null = null;

  now(): number {
    return this.ms;
  }

  every(_ms: number, tick: () => void): () => void {
    this.#tick = tick;
    return () => {
      this.#tick = null;
    };
  }

  /** Let time pass, one tick a second. */
  pass(ms: number): void {
    for (const end = this.ms + ms; this.ms < end; ) {
      this.ms += 1000;
      this.#tick?.();
    }
  }

  get isStopped(): boolean {
    return this.#tick === null;
  }
}
