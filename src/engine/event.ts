/** Events: what a turn tells whoever watches it. One union, one producer (./turn.ts), read with `for await`. */
import type { CallResult, Entry, FoldEntry, TurnOutcome } from "../thread/entry.ts";
import type { Usage } from "../wire/event.ts";
import type { Call, Output } from "../wire/item.ts";
import type { ModelError } from "./ports.ts";

export type Event =
  | { readonly kind: "thread-opened"; readonly thread: string; readonly resumed: boolean }
  | { readonly kind: "turn-started" }
  /** Entries were recorded; told after the log has them. */
  | { readonly kind: "recorded"; readonly entries: readonly Entry[] }
  | { readonly kind: "text"; readonly delta: string }
  | { readonly kind: "reasoning"; readonly delta: string }
  /** The request failed half-way and is asked again: forget its deltas. */
  | {
      readonly kind: "retried";
      readonly attempt: number;
      readonly of: number;
      readonly delayMs: number;
      readonly reason: string;
    }
  | { readonly kind: "call-started"; readonly call: Call; readonly title: string }
  | { readonly kind: "call-progress"; readonly call: Call; readonly text: string }
  /** Told after its output is recorded. */
  | { readonly kind: "call-finished"; readonly call: Call; readonly output: Output; readonly result: CallResult }
  | { readonly kind: "fold-started"; readonly trigger: FoldEntry["trigger"]; readonly tokensBefore: number }
  | { readonly kind: "fold-finished"; readonly fold: FoldEntry; readonly window: number }
  | { readonly kind: "used"; readonly usage: Usage }
  | { readonly kind: "notice"; readonly text: string }
  | { readonly kind: "turn-ended"; readonly result: TurnResult };

/** How a turn ended. Every ending but `done` says why in one sentence. */
export type TurnResult =
  | { readonly kind: "done"; readonly text: string }
  | { readonly kind: "interrupted"; readonly message: string }
  | { readonly kind: "failed"; readonly message: string; readonly error?: ModelError }
  | { readonly kind: "stopped"; readonly message: string; readonly limit: "turns" | "tokens" }
  | { readonly kind: "context-full"; readonly message: string; readonly parts: readonly Part[] };

/** One line of the breakdown of what takes the room, in tokens. */
export interface Part {
  readonly name: string;
  readonly tokens: number;
}

export type EndKind = TurnOutcome & TurnResult["kind"];
