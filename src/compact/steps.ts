/**
 * Steps: where a tail may be cut.
 *
 * Invariants  1. No cut parts a call from its output, nor a call from the reasoning in front of it.
 */
import type { TailEntry } from "../thread/thread.ts";
import { isUserEntry } from "../thread/thread.ts";
import { isCall, isMessage, isOutput } from "../wire/item.ts";

/** A run of tail entries that must stay together: a user's message, context, or one step with all it did. */
export interface Block {
  /** Index of the first entry in the tail. */
  readonly start: number;
  /** Index behind the last. */
  readonly end: number;
  readonly isStep: boolean;
  /** All its calls have their output. */
  readonly isWhole: boolean;
}

/** Split a tail into blocks, oldest first; together they cover it. A cut may stand between any two whole ones. */
export function blocksOf(tail: readonly TailEntry[]): Block[] {
  const blocks: Block[] = [];
  let start = 0;
  let open = new Set<string>();
  let isStep = false;
  let answered = false;
  const close = (end: number) => {
    if (end > start) blocks.push({ start, end, isStep, isWhole: open.size === 0 });
    start = end;
    isStep = false;
    answered = false;
    open = new Set();
  };
  for (const [index, { entry }] of tail.entries()) {
    if (entry.kind !== "item") {
      if (entry.kind === "turn" || (entry.kind === "fragment" && open.size === 0)) close(index);
      continue;
    }
    const { item } = entry;
    if (isUserEntry(entry) || (item.type === "message" && !isMessage(item, "assistant"))) {
      if (open.size === 0) close(index);
    } else if (isOutput(item)) {
      open.delete(item.call_id);
      answered = true;
    } else {
      // Model-made: the first one after a user's words or after outputs begins a step.
      if ((!isStep || answered) && open.size === 0) close(index);
      isStep = true;
      if (isCall(item)) open.add(item.call_id);
    }
  }
  close(tail.length);
  return blocks;
}
