/**
 * Stream events of POST /responses: the few we act on, with everything else let through.
 *
 * Source      OpenAI Responses streaming reference; the events Codex consumes.
 */
import { type Item, isRecord, parseItem } from "./item.ts";

export interface Usage {
  /** All tokens of the prompt, cached ones included. */
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly cacheWriteTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
}

/** Usage of nothing, to add to. */
export const NOTHING_USED: Usage = {
  inputTokens: 0,
  cachedTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
};

/** Sum of what two spans of a thread used. */

export const addUsage = (a: Usage, b: Usage): Usage => ({
  inputTokens: a.inputTokens + b.inputTokens,
  cachedTokens: a.cachedTokens + b.cachedTokens,
  cacheWriteTokens: a.cacheWriteTokens + b.cacheWriteTokens,
  outputTokens: a.outputTokens + b.outputTokens,
  reasoningTokens: a.reasoningTokens + b.reasoningTokens,
});

/** What a stream says of its end: the provider's code and words, unchanged. */
export interface StreamError {
  readonly code: string;
  readonly message: string;
}

export type StreamEvent =
  | { readonly kind: "created"; readonly id: string }
  | { readonly kind: "item-started"; readonly item: Item }
  | { readonly kind: "text"; readonly itemId: string; readonly delta: string }
  | { readonly kind: "reasoning"; readonly itemId: string; readonly delta: string }
  | { readonly kind: "item-done"; readonly item: Item }
  | { readonly kind: "completed"; readonly id: string; readonly usage: Usage | null }
  | { readonly kind: "incomplete"; readonly id: string; readonly reason: string; readonly usage: Usage | null }
  | { readonly kind: "failed"; readonly error: StreamError }
  /** An event we do not act on, as it came. */
  | { readonly kind: "other"; readonly type: string; readonly event: unknown };

/**
 * Read the data of one server-sent event.
 *
 * @param value the parsed JSON of the event's `data`.
 * @throws {TypeError} when it is no object with a string `type`, or an item in it cannot be parsed.
 */
export function parseStreamEvent(value: unknown): StreamEvent {
  if (!isRecord(value) || typeof value.type !== "string") throw new TypeError("Cannot parse stream event: no type");
  const response = isRecord(value.response) ? value.response : {};
  const itemId = text(value.item_id);
  switch (value.type) {
    case "response.created":
      return { kind: "created", id: text(response.id) };
    case "response.output_item.added":
      return { kind: "item-started", item: parseItem(value.item) };
    case "response.output_item.done":
      return { kind: "item-done", item: parseItem(value.item) };
    case "response.output_text.delta":
    case "response.refusal.delta":
      return { kind: "text", itemId, delta: text(value.delta) };
    case "response.reasoning_summary_text.delta":
    case "response.reasoning_text.delta":
      return { kind: "reasoning", itemId, delta: text(value.delta) };
    case "response.completed":
    case "response.done":
      return { kind: "completed", id: text(response.id), usage: parseUsage(response.usage) };
    case "response.incomplete": {
      const details = isRecord(response.incomplete_details) ? response.incomplete_details : {};
      return {
        kind: "incomplete",
        id: text(response.id),
        reason: text(details.reason) || "unknown",
        usage: parseUsage(response.usage),
      };
    }
    case "response.failed":
      return { kind: "failed", error: parseError(response.error) };
    case "error":
      return { kind: "failed", error: parseError(isRecord(value.error) ? value.error : value) };
    default:
      return { kind: "other", type: value.type, event: value };
  }
}

/** Usage as every wire field we read, or null when the server reports none. Wrong numbers become 0. */
export function parseUsage(value: unknown): Usage | null {
  if (!isRecord(value)) return null;
  const input = isRecord(value.input_tokens_details) ? value.input_tokens_details : {};
  const output = isRecord(value.output_tokens_details) ? value.output_tokens_details : {};
  return {
    inputTokens: count(value.input_tokens),
    cachedTokens: count(input.cached_tokens),
    cacheWriteTokens: count(input.cache_write_tokens),
    outputTokens: count(value.output_tokens),
    reasoningTokens: count(output.reasoning_tokens),
  };
}

export function parseError(value: unknown): StreamError {
  if (typeof value === "string") return { code: "", message: value };
  if (!isRecord(value)) return { code: "", message: "" };
  return { code: text(value.code) || text(value.type), message: text(value.message) };
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");
/** No prompt and no answer has more tokens: such a figure is a fault of the server, and would spoil every sum. */
const MOST_TOKENS = 1e9;
const count = (value: unknown): number =>
  typeof value === "number" && value > 0 && value <= MOST_TOKENS ? Math.floor(value) : 0;
