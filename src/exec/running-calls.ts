/** Running calls: which calls are out, since when, and when it is time to say that one still is. */
import type { Event } from "../engine/event.ts";
import type { Call } from "../wire/item.ts";

interface RunningCall {
  readonly title: string;
  readonly startedAt: number;
  said: string;
  toldAt: number;
}

const SHOWN_AFTER_MS = 1000;
const LOGGED_EVERY_MS = 10_000;

export class RunningCalls {
  readonly #calls = new Map<string, RunningCall>();

  start({ call, title }: Extract<Event, { kind: "call-started" }>, now: number): void {
    this.#calls.set(call.call_id, { title, startedAt: now, said: "", toldAt: now });
  }

  progress(call: Call, text: string): void {
    const running = this.#calls.get(call.call_id);
    const lines = text.split(/[\r\n]+/).filter((words) => words.trim() !== "");
    if (running !== undefined) running.said = lines.at(-1) ?? running.said;
  }

  /** @returns when and under what title it started, or null when it was not running. */
  finish(call: Call): { readonly title: string; readonly startedAt: number } | null {
    const running = this.#calls.get(call.call_id) ?? null;
    this.#calls.delete(call.call_id);
    return running;
  }

  /** The call that runs longest, once it is worth a status line. */
  longest(now: number): { title: string; ms: number; said: string; others: number } | null {
    const [first] = this.#calls.values();
    if (first === undefined || now - first.startedAt < SHOWN_AFTER_MS) return null;
    return { title: first.title, ms: now - first.startedAt, said: first.said, others: this.#calls.size - 1 };
  }

  /** Calls a log should hear of again. */
  due(now: number): { title: string; ms: number; said: string }[] {
    const due = [...this.#calls.values()].filter((running) => now - running.toldAt >= LOGGED_EVERY_MS);
    return due.map((running) => {
      running.toldAt = now;
      return { title: running.title, ms: now - running.startedAt, said: running.said };
    });
  }
}
