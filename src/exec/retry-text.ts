/** Retry text: a retry in one line, for both faces. */
import type { Event } from "../engine/event.ts";

export const retryText = (event: Extract<Event, { kind: "retried" }>): string =>
  `Asking the model again in ${(event.delayMs / 1000).toFixed(1)} s, try ${event.attempt} of ${event.of} (${event.reason})`;
