/**
 * Ask: one request and its stream.
 *
 * Owns        the request's bytes, and what of a stream is kept when it ends early.
 * Invariants  1. It records nothing: what it returns is recorded in one append, or not at all.
 *             2. It never throws for what the model or the network did; the ending says it.
 */

import { tokensOfItems, tokensOutsideInput } from "../compact/measure.ts";
import { show } from "../thread/view.ts";
import type { Usage } from "../wire/event.ts";
import { type Item, isMessage, message } from "../wire/item.ts";
import { printedItem } from "../wire/printed.ts";
import { printSorted, type Request } from "../wire/request.ts";
import type { Event } from "./event.ts";
import type { ModelError } from "./ports.ts";
import type { Session } from "./session.ts";

export interface Reply {
  /** Items that came whole, in order; after an interruption, the begun answer as an incomplete message. */
  readonly items: readonly Item[];
  readonly ending:
    | { readonly kind: "done" }
    | { readonly kind: "aborted" }
    | { readonly kind: "failed"; readonly error: ModelError };
  readonly usage: Usage | null;
  /** Tokens of the prompt by our own count, uncalibrated. */
  readonly estimate: number;
}

const toolBytes = new WeakMap<object, string>();

/** The request for the thread as it stands, from items that are printed already. */
export function requestOf({ thread, setup }: Session): { request: Request; estimate: number } {
  const { epoch } = thread;
  if (!epoch) throw new TypeError("Cannot ask: the thread has no epoch");
  const tools = toolBytes.get(epoch) ?? printSorted(epoch.tools);
  toolBytes.set(epoch, tools);
  const instructions = epoch.place === "instructions" ? epoch.base : "";
  const items = show(thread, setup.target);
  const estimate = tokensOutsideInput(thread) + tokensOfItems(items);
  return { request: { instructions, tools, input: items.map(printedItem), settings: setup.settings }, estimate };
}

/** Ask the model once; deltas are told as they come, a retry withdraws them. */
export async function* ask(session: Session, signal: AbortSignal): AsyncGenerator<Event, Reply> {
  const { request, estimate } = requestOf(session);
  let items: Item[] = [];
  let begun = "";
  for await (const event of session.ports.model.stream(request, signal)) {
    switch (event.kind) {
      case "text":
        begun += event.delta;
        yield { kind: "text", delta: event.delta };
        break;
      case "reasoning":
        yield { kind: "reasoning", delta: event.delta };
        break;
      case "item":
        items.push(event.item);
        if (isMessage(event.item, "assistant")) begun = "";
        break;
      case "retry":
        items = [];
        begun = "";
        yield { ...event, kind: "retried" };
        break;
      case "completed":
        if (event.cut) yield { kind: "notice", text: "The answer was cut at the model's output limit." };
        if (event.usage) yield { kind: "used", usage: event.usage };
        return { items, ending: { kind: "done" }, usage: event.usage, estimate };
      case "failed": {
        if (event.error.kind !== "aborted") return { items: [], ending: event, usage: null, estimate };
        const rest: Item[] = begun === "" ? [] : [{ ...message("assistant", begun), status: "incomplete" }];
        return { items: [...items, ...rest], ending: { kind: "aborted" }, usage: null, estimate };
      }
      default:
        event satisfies never;
    }
  }
  const error: ModelError = { kind: "stream-cut", message: "The model's stream ended without saying how." };
  return { items: [], ending: { kind: "failed", error }, usage: null, estimate };
}
