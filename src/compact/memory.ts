/**
 * Memory: what is left of a span once it is folded, as a plain value that stands for itself.
 *
 * Owns        `fold` (entries go in, a memory comes out) and `render` (a memory becomes items).
 * Is not      the log: a log holds a memory by reference, a sealed item holds it by value; both call these two.
 * Invariants  1. A checkpoint that was written is never written anew: `fold` adds one, or merges whole ones.
 *             2. fold(memory, entries, …) changes neither argument.
 *             3. render(fold(…)) is what the view shows between head and tail.
 *
 *   fold:   checkpoints [a b c d] + entries      ->  [abcd] + [e]      (fanIn 4: a level that is full merges first)
 *   render: users of a…d, record abcd, users of e, record e, now
 */
import type { Entry } from "../thread/entry.ts";
import { isUserEntry, type KeptMessage, toCheckpoint } from "../thread/thread.ts";
import { forTarget, type Target } from "../thread/view.ts";
import { type Item, isCall, isOutput, message } from "../wire/item.ts";
import { type Budget, budgetFor } from "./budget.ts";
import { digestLines } from "./digest.ts";
import type { Folded, Pin } from "./folded.ts";
import { type Ledger, newLedger, type RequestState, step } from "./ledger.ts";
import { type Merge, mergesDue } from "./merge.ts";
import { type Now, renderNow } from "./now.ts";
import { printRecord } from "./record.ts";
import { fitUsers } from "./users.ts";

export interface Memory {
  readonly v: 1;
  readonly checkpoints: readonly Folded[];
  readonly ledger: Ledger;
  readonly pins: readonly Pin[];
  /** Calls without output at the cut. */
  readonly pending: readonly { readonly callId: string; readonly name: string; readonly seq: number }[];
  /** Hashes of folded items and how often each occurs; empty where a log holds them. */
  readonly covered: Readonly<Record<string, number>>;
}

export const newMemory = (): Memory => ({
  v: 1,
  checkpoints: [],
  ledger: newLedger(),
  pins: [],
  pending: [],
  covered: {},
});

export interface FoldOptions {
  readonly budget: Budget;
  readonly hasRecall: boolean;
}

/** What a fold changes: the merges that come first, then the new checkpoint. */
export interface FoldParts {
  readonly merges: readonly Merge[];
  readonly checkpoint: Folded;
}

/**
 * Fold a span into a memory.
 *
 * @param entries the span, oldest first, as `item` entries (others help the ledger); not empty
 * @param summary what a model wrote of it, or null for the digest
 */
export function fold(memory: Memory, entries: readonly Entry[], summary: string | null, options: FoldOptions): Memory {
  const ledger = entries.reduce<Ledger>((known, entry) => step(known, entry), structuredClone(memory.ledger));
  const { merges, checkpoint } = foldParts(memory.checkpoints, { entries, ledger, summary }, options);
  const checkpoints = merges.reduce<readonly Folded[]>(
    (all, { first, count, checkpoint: merged }) => all.toSpliced(first, count, merged),
    memory.checkpoints,
  );
  const pending = [...memory.pending.filter(({ callId }) => !answersIn(entries).has(callId)), ...pendingCalls(entries)];
  return { ...memory, checkpoints: [...checkpoints, checkpoint], ledger, pending };
}

/** The span with the ledger as it stands when the record is written: at the end of the span or later. */
export interface Span {
  readonly entries: readonly Entry[];
  readonly ledger: Ledger;
  readonly summary: string | null;
}

/** Work out what folding `span` on top of `checkpoints` changes. Pure; the log's fold entry is made from this. */
export function foldParts(checkpoints: readonly Folded[], span: Span, { budget, hasRecall }: FoldOptions): FoldParts {
  const { entries, ledger, summary } = span;
  const first = entries[0];
  const last = entries.at(-1);
  if (!first || !last) throw new RangeError("Cannot fold: the span is empty");
  const merges = mergesDue(checkpoints, budget);
  const said = entries
    .filter(isUserEntry)
    .map((entry): KeptMessage => ({ seq: entry.seq, item: entry.item, ...(entry.clip ? { clip: entry.clip } : {}) }));
  const others = checkpoints.flatMap(({ users }) => users);
  const { shown, unshown } = fitUsers(said, others, budget);
  const record = printRecord({
    from: first.seq,
    to: last.seq,
    requests: requestsOf(ledger, first.seq, last.seq),
    unshown,
    lines: digestLines(entries),
    summary,
    pending: pendingCalls(entries).map(({ name, seq }) => `${name} #${seq}`),
    hasRecall,
    tokens: Math.min(budget.record, Math.max(400, Math.floor(budget.added * 0.6))),
  });
  return { merges, checkpoint: { level: 0, generation: 0, from: first.seq, to: last.seq, users: shown, record } };
}

/** Requests that were made or answered in the span. */
function requestsOf({ requests }: Ledger, from: number, to: number): RequestState[] {
  const isIn = (seq: number | undefined) => seq !== undefined && seq >= from && seq <= to;
  return requests.filter(({ seq, answer }) => isIn(seq) || isIn(answer?.seq));
}

/** Ids of the calls that the span answers. */
const answersIn = (entries: readonly Entry[]): ReadonlySet<string> =>
  new Set(entries.flatMap((entry) => (entry.kind === "item" && isOutput(entry.item) ? [entry.item.call_id] : [])));

function pendingCalls(entries: readonly Entry[]): { callId: string; name: string; seq: number }[] {
  const open = new Map<string, { callId: string; name: string; seq: number }>();
  for (const entry of entries) {
    if (entry.kind !== "item") continue;
    const { item, seq } = entry;
    if (isCall(item)) open.set(item.call_id, { callId: item.call_id, name: item.name, seq });
    if (isOutput(item)) open.delete(item.call_id);
  }
  return [...open.values()];
}

/**
 * The items that stand for a memory: each checkpoint's users and record, then now.
 *
 * @param now    changed fragments and the current request; ledger and pins come from the memory
 * @param target whom it is for: caps come from its limit, images are shown to those who see them
 * @throws {RangeError} when the limit is too small for any memory
 */
export function render(memory: Memory, now: Now, target: Target): Item[] {
  const sized = budgetFor(target.limit);
  if (sized.kind === "refused") throw new RangeError(sized.message);
  const checkpoints = memory.checkpoints.flatMap((folded) => {
    const said = new Map(folded.users.map(({ seq, item }) => [seq, item]));
    return toCheckpoint(0, folded, said).items;
  });
  const tail = renderNow(memory.ledger, memory.pins, now, sized.budget).map(({ role, text }) => message(role, text));
  return [...checkpoints, ...tail].map((item) => forTarget(item, target));
}
