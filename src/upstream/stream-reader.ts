/**
 * StreamReader: the events of one stream, as what the engine wants to know. Pure.
 *
 * Owns        which stream events matter, when an answer is whole, and what a model may put into one.
 * Invariants  1. An item is told once: when it is done, or when the end of the answer is the first to hold it.
 *             2. After an ending nothing more is told.
 *             3. What is told can be recorded: an item that cannot be read, that only we may make, or that would
 *                repeat a call id ends the stream before it is told. So does an answer without end.
 *             4. No half call is told: nobody may run it.
 */
import type { ModelEvent } from "../engine/ports.ts";
import { parseStreamEvent, type StreamEvent } from "../wire/event.ts";
import { type Item, isCall, isMessage, isOutput, isRecord, parseItem } from "../wire/item.ts";
import type { SseEvent } from "../wire/sse.ts";
import type { Failure } from "./errors.ts";

/** Characters of all deltas and items of one answer. */
const LONGEST_ANSWER = 128 * 1024 * 1024;

export class StreamReader {
  /** Null while the answer is under way. */
  ending: "completed" | Failure | null = null;
  readonly #done = new Set<string>();
  readonly #callIds = new Set<string>();
  #count = 0;
  #chars = 0;
  #halfCalls = 0;

  /** What one server-sent event tells. Never throws. */
  accept(event: SseEvent): ModelEvent[] {
    if (this.ending !== null || event.data === "" || event.data === "[DONE]") return [];
    try {
      const told = this.#read(named(JSON.parse(event.data), event.event));
      if (told.length > 0) this.#chars += told[0]?.kind === "item" ? event.data.length : charsOf(told);
      if (this.#chars <= LONGEST_ANSWER) return told;
      this.ending = { kind: "cut", message: "the answer is longer than 128 MB" };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.ending = { kind: "cut", message: `an event that cannot be read: ${message}` };
    }
    return [];
  }

  /**
   * What one parsed event tells.
   *
   * @throws {TypeError} when it is no event, or holds no item that a model may make where one must be.
   */
  #read(value: unknown): ModelEvent[] {
    if (isRecord(value) && value.type === "response.output_item.added") return []; // only begun, so perhaps not yet a whole item
    if (isRecord(value) && value.type === "response.output_item.done" && isHalfCall(value.item)) {
      this.#count += 1;
      this.#halfCalls += 1; // the end of the answer may hold it whole
      return [];
    }
    const event = parseStreamEvent(value);
    switch (event.kind) {
      case "text":
      case "reasoning":
        return event.delta === "" ? [] : [{ kind: event.kind, delta: event.delta }];
      case "item-done":
        this.#remember(event.item, isRecord(value) ? value.output_index : undefined);
        return [this.#admit(event.item)];
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
    const missing = output.filter((item, index) => !this.#isKnown(item, index));
    const whole = missing.filter((item) => !isHalfCall(item));
    const items = whole.map((item) => this.#admit(parseItem(item)));
    const lacksCall =
      missing.length > whole.length || this.#halfCalls > items.filter(({ item }) => isCall(item)).length;
    if (!isCut && lacksCall) throw new TypeError("a call that is not whole in an answer that is said to be");
    this.ending = "completed";
    return [...items, { kind: "completed", usage: event.usage, ...(isCut ? { cut: "max_output_tokens" } : {}) }];
  }

  /** Let an item in, if a model may make it: invariant 3. */
  #admit(item: Item): ModelEvent & { kind: "item" } {
    const isForeign = isOutput(item) || (item.type === "message" && !isMessage(item, "assistant"));
    if (isForeign) throw new TypeError(`a ${item.type} item that no model may make`);
    if (isCall(item)) {
      if (this.#callIds.has(item.call_id)) throw new TypeError("two calls of one answer have the same call_id");
      this.#callIds.add(item.call_id);
    }
    return { kind: "item", item };
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

const charsOf = (events: readonly ModelEvent[]): number =>
  events.reduce((sum, event) => sum + ("delta" in event ? event.delta.length : 0), 0);

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

/** A call that was cut before its end. */
const isHalfCall = (item: unknown): boolean =>
  isRecord(item) && (item.type === "function_call" || item.type === "custom_tool_call") && item.status === "incomplete";

/** Routers put the status of whoever is behind them where the code stands. */
function failureOf(error: { code: string; message: string }, value: unknown): Failure {
  const bare = isRecord(value) && isRecord(value.error) ? value.error.code : undefined;
  const status = typeof bare === "number" && bare >= 400 && bare < 600 ? bare : null;
  return { kind: "answer", status, inStream: true, code: error.code, message: error.message, retryAfterMs: null };
}
