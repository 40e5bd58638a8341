/** Tally: sums and words that both faces use. */
import type { Event } from "../engine/event.ts";
import type { Usage } from "../wire/event.ts";

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

/** A retry in one line, for both faces. */
export const retryText = (event: Extract<Event, { kind: "retried" }>): string =>
  `Asking the model again in ${(event.delayMs / 1000).toFixed(1)} s, try ${event.attempt} of ${event.of} (${event.reason})`;
