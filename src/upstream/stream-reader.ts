/**
 * StreamReader: the events of one stream, as what the engine wants to know. Pure.
 *
 * Owns        which stream events matter, and when an answer is whole.
 * Invariants  1. An item is told once: when it is done, or when the end of the answer is the first to hold it.
 *             2. After an ending nothing more is told.
 */
import type { ModelEvent } from "../engine/ports.ts";
import { parseStreamEvent, type StreamEvent } from "../wire/event.ts";
import { isRecord, parseItem } from "../wire/item.ts";
import type { SseEvent } from "../wire/sse.ts";
import type { Failure } from "./errors.ts";

export class StreamReader {
  /** Null while the answer is under way. */
  ending: "completed" | Failure | null = null;
  readonly #done = new Set<string>();
  #count = 0;

  /** What one server-sent event tells. */
  accept(event: SseEvent): ModelEvent[] {
    if (this.ending !== null || event.data === "" || event.data === "[DONE]") return [];
    try {
      return this.read(named(JSON.parse(event.data), event.event));
    } catch (error) {
      if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
      this.ending = { kind: "cut", message: `an event that cannot be read: ${error.message}` };
      return [];
    }
  }

  /**
   * What one parsed event tells.
   *
   * @throws {TypeError} when it is no event or holds no item where one must be.
   */
  read(value: unknown): ModelEvent[] {
    if (isRecord(value) && value.type === "response.output_item.added") return []; // only begun, so perhaps not yet a whole item
    const event = parseStreamEvent(value);
    switch (event.kind) {
      case "text":
      case "reasoning":
        return event.delta === "" ? [] : [{ kind: event.kind, delta: event.delta }];
      case "item-done":
        this.#remember(event.item, isRecord(value) ? value.output_index : undefined);
        return [{ kind: "item", item: event.item }];
      case "completed":
      case "incomplete":
        return this.#finish(event, value);
      case "failed":
        this.ending = failureOf(event.error, value);
        return [];
      default:
        return [];
    }
  }

  #finish(event: StreamEvent & { kind: "completed" | "incomplete" }, value: unknown): ModelEvent[] {
    const isCut = event.kind === "incomplete";
    if (isCut && event.reason !== "max_output_tokens") {
      const message = `the answer was ended early: ${event.reason}`;
      this.ending = {
        kind: "answer",
        status: null,
        inStream: true,
        code: "content_filter",
        message,
        retryAfterMs: null,
      };
      return [];
    }
    const response = isRecord(value) && isRecord(value.response) ? value.response : {};
    const output = Array.isArray(response.output) ? response.output : [];
    const missing = output.filter((item, index) => !this.#isKnown(item, index) && !(isCut && isHalfCall(item)));
    const items = missing.map((item): ModelEvent => ({ kind: "item", item: parseItem(item) }));
    this.ending = "completed";
    return [...items, { kind: "completed", usage: event.usage }];
  }

  #remember(item: unknown, index: unknown): void {
    this.#done.add(`at ${typeof index === "number" ? index : this.#count}`);
    this.#count += 1;
    for (const mark of marksOf(item)) this.#done.add(mark);
  }

  #isKnown(item: unknown, index: number): boolean {
    return this.#done.has(`at ${index}`) || marksOf(item).some((mark) => this.#done.has(mark));
  }
}

/** Servers that are not quite the wire: the type stands in the event's name only, or an error comes bare. */
function named(value: unknown, name: string): unknown {
  if (!isRecord(value) || typeof value.type === "string") return value;
  if (isRecord(value.error) || typeof value.error === "string") return { ...value, type: "error", error: value.error };
  return name === "message" ? value : { ...value, type: name };
}

function marksOf(item: unknown): string[] {
  if (!isRecord(item)) return [];
  return [item.id, item.call_id].flatMap((id) => (typeof id === "string" && id !== "" ? [`id ${id}`] : []));
}

/** A call that was cut before its end: nobody may run it. */
const isHalfCall = (item: unknown): boolean =>
  isRecord(item) && typeof item.call_id === "string" && item.status === "incomplete";

/** Routers put the status of whoever is behind them where the code stands. */
function failureOf(error: { code: string; message: string }, value: unknown): Failure {
  const bare = isRecord(value) && isRecord(value.error) ? value.error.code : undefined;
  const status = typeof bare === "number" && bare >= 400 && bare < 600 ? bare : null;
  return { kind: "answer", status, inStream: true, code: error.code, message: error.message, retryAfterMs: null };
}
