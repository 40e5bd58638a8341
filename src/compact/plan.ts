/**
 * Plan: whether to fold, and where to cut.
 *
 * Owns        the choice of the cut and of the outputs that the tail shows head and tail.
 * Invariants  1. The cut stands between two blocks that are whole (./steps.ts).
 *             2. Pure: same thread, same budget, same plan.
 *
 *   [ u a c o a c o | a c o a c o ]     u user  a answer  c call  o output
 *     span            tail              | the cut: at least `tail.steps` steps behind it
 */

import { BYTES_PER_TOKEN } from "../kit/tokens.ts";
import { clipTo } from "../thread/clip.ts";
import type { Clip } from "../thread/entry.ts";
import type { TailEntry, Thread } from "../thread/thread.ts";
import { showTail, type Target } from "../thread/view.ts";
import { contentText, isMessage, isOutput } from "../wire/item.ts";
import type { Budget } from "./budget.ts";
import { tokensOfItems } from "./measure.ts";
import { type Block, blocksOf } from "./steps.ts";

export type Plan =
  | {
      readonly kind: "cut";
      /** Last `seq` of the span. */
      readonly to: number;
      readonly span: readonly TailEntry[];
      readonly tail: readonly TailEntry[];
      readonly clips: readonly { readonly seq: number; readonly clip: Clip }[];
    }
  /** There is nothing that could be folded. */
  | { readonly kind: "stuck" };

/**
 * Plan a fold of `thread`.
 *
 * @param effort 0 = the tail as the budget has it; 1 = only the last step, its outputs cut to fit
 */
export function plan(thread: Thread, target: Target, budget: Budget, effort: 0 | 1 = 0): Plan {
  const blocks = blocksOf(thread.tail);
  const size = (block: Block) =>
    thread.tail.slice(block.start, block.end).reduce((sum, one) => sum + tokensOfItems(showTail(one, target)), 0);
  const kept = keptBlocks(blocks, size, budget, effort);
  const start = kept[0]?.start ?? thread.tail.length;
  const span = thread.tail.slice(0, start);
  const tail = thread.tail.slice(start);
  const last = span.at(-1);
  const total = kept.reduce((sum, block) => sum + size(block), 0);
  const most = effort === 1 ? budget.tail.tokens : budget.tail.wholeSteps;
  const clips = total > most ? clipTail(tail, most, budget) : [];
  const isEmpty = !span.some(({ entry }) => entry.kind === "item");
  if (!last || (isEmpty && clips.length === 0)) return { kind: "stuck" };
  return { kind: "cut", to: last.entry.seq, span, tail, clips };
}

/** The blocks of the new tail, oldest first: the last steps that must stay, and more while they are small. */
function keptBlocks(
  blocks: readonly Block[],
  size: (block: Block) => number,
  budget: Budget,
  effort: 0 | 1,
): readonly Block[] {
  const wanted = effort === 1 ? 1 : budget.tail.steps;
  const kept: Block[] = [];
  let steps = 0;
  let tokens = 0;
  for (const block of blocks.toReversed()) {
    const more = size(block);
    // What the user typed behind the last step is no step: it stays while it is small, or stands in a checkpoint.
    const isStepDue = block.isStep && steps < wanted && (steps === 0 || tokens + more <= budget.tail.wholeSteps);
    const isDue = kept.length === 0 || !block.isWhole || isStepDue;
    if (!isDue && (effort === 1 || tokens + more > budget.tail.tokens)) break;
    kept.unshift(block);
    tokens += more;
    if (block.isStep) steps++;
  }
  return kept;
}

/** Outputs cut to share `tokens`, and user messages to what one may take: whole they are in the log. */
function clipTail(tail: readonly TailEntry[], tokens: number, budget: Budget): { seq: number; clip: Clip }[] {
  const outputs = tail.filter(({ item }) => item && isOutput(item)).length;
  const outputChars = Math.floor((tokens * BYTES_PER_TOKEN * 0.8) / Math.max(1, outputs));
  return tail.flatMap(({ entry }) => {
    if (entry.kind !== "item") return [];
    const { item, seq } = entry;
    const isUser = isMessage(item, "user");
    if (!isUser && !isOutput(item)) return [];
    const text = contentText(isOutput(item) ? item.output : item.content);
    const chars = isUser ? budget.userMessage * BYTES_PER_TOKEN : outputChars;
    return text.length > chars + 200 ? [{ seq, clip: clipTo(text, chars) }] : [];
  });
}
