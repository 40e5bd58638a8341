/** What the tests of this room share: a request, a model against a server, and its events. */
import type { ModelEvent } from "../../src/engine/ports.ts";
import type { Env, Provider } from "../../src/upstream/providers.ts";
import { createResponsesModel } from "../../src/upstream/responses.ts";
import { message, printItem } from "../../src/wire/item.ts";
import type { Request } from "../../src/wire/request.ts";

export const request: Request = {
  instructions: "Be brief.",
  tools: "[]",
  input: [new TextEncoder().encode(printItem(message("user", "hi")))],
  settings: { model: "m", cacheKey: "t", parallelToolCalls: true, reasoning: null },
};

export const provider = (baseUrl: string, more: Partial<Provider> = {}): Provider => ({
  id: "test",
  name: "Test",
  base_url: baseUrl,
  wire_api: "responses",
  ...more,
});

export interface Asking {
  readonly provider: Provider;
  readonly env?: Env;
  readonly request?: Request;
  readonly signal?: AbortSignal;
  /** Called with each wait instead of waiting. */
  readonly onDelay?: (ms: number, signal: AbortSignal) => void | Promise<void>;
  readonly onEvent?: (event: ModelEvent) => void;
}

export function modelOf(asking: Asking) {
  return createResponsesModel(asking.provider, {
    env: asking.env ?? {},
    random: () => 0.5,
    delay: async (ms, signal) => asking.onDelay?.(ms, signal),
    userAgent: "godwit/test",
  });
}

/** All events of one request. */
export async function ask(asking: Asking): Promise<ModelEvent[]> {
  const events: ModelEvent[] = [];
  for await (const event of modelOf(asking).stream(
    asking.request ?? request,
    asking.signal ?? new AbortController().signal,
  )) {
    events.push(event);
    asking.onEvent?.(event);
  }
  return events;
}

/** The kinds of the events, equal neighbours once. */
export const kinds = (events: readonly ModelEvent[]): string[] =>
  events.map((event) => event.kind).filter((kind, index, all) => kind !== all[index - 1]);

/** The error of the last event; fails when it is another. */
export function errorOf(events: readonly ModelEvent[]) {
  const last = events.at(-1);
  if (last?.kind !== "failed") throw new Error(`expected a failure, got ${JSON.stringify(last)}`);
  return last.error;
}

export const textOf = (events: readonly ModelEvent[]): string =>
  events.map((event) => (event.kind === "text" ? event.delta : "")).join("");
