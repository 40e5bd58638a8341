/**
 * Fold: make a thread's prompt fit its model again.
 *
 * Owns        trying the rungs, judging each by its outcome, and the one append that commits a fold.
 * Is not      the choice of the cut (compact/plan.ts) nor the words (compact/record.ts).
 * Invariants  1. Nothing is recorded unless the prompt gets smaller and fits.
 *             2. A fold and its merges are written by one append; the log then holds all of it or nothing.
 */

import { type Measured, measure } from "../compact/measure.ts";
import { foldParts } from "../compact/memory.ts";
import type { Merge } from "../compact/merge.ts";
import { renderNow } from "../compact/now.ts";
import { type Plan, plan } from "../compact/plan.ts";
import { RENDERER } from "../compact/record.ts";
import type { Draft, Entry, FoldEntry } from "../thread/entry.ts";
import { append, type Checkpoint, type Thread } from "../thread/thread.ts";
import { showHead } from "../thread/view.ts";
import { contentText } from "../wire/item.ts";
import type { Event, Part } from "./event.ts";
import { frozenHash, record, type Session } from "./session.ts";

export type Trigger = FoldEntry["trigger"];
export type Phase = FoldEntry["phase"];

/** Gain below which a fold is not worth its cache break. */
const LEAST_GAIN = 0.1;
/** A fold must land this far below the line, or the next one comes at once. */
const MARGIN = 0.95;

/**
 * Fold now. Tries the budget's tail first, then only the last step with its outputs cut.
 *
 * @param line tokens the prompt must come under
 * @returns the fold, or null when nothing would make it fit
 */
export async function* foldNow(
  session: Session,
  { trigger, phase, line }: { trigger: Trigger; phase: Phase; line: number },
): AsyncGenerator<Event, FoldEntry | null> {
  const startedAt = session.ports.clock.now();
  const tokensBefore = measure(session.thread, session.setup.target).total;
  for (const effort of [0, 1] as const) {
    const planned = plan(session.thread, session.setup.target, session.budget, effort);
    if (planned.kind === "stuck") continue;
    const drafts = foldDrafts(session, planned, { trigger, phase, tokensBefore });
    const tokensAfter = measure(trial(session.thread, drafts), session.setup.target).total;
    const isEnough = tokensAfter <= line * MARGIN && tokensAfter <= tokensBefore * (1 - LEAST_GAIN);
    if (!isEnough && !(effort === 1 && tokensAfter <= line && tokensAfter < tokensBefore)) continue;
    yield { kind: "fold-started", trigger, tokensBefore };
    const durationMs = session.ports.clock.now() - startedAt;
    const committed = drafts.map((draft) => (draft.kind === "fold" ? { ...draft, tokensAfter, durationMs } : draft));
    const entries = await record(session, committed, true);
    yield { kind: "recorded", entries };
    const fold = entries.at(-1) as FoldEntry;
    yield { kind: "fold-finished", fold, window: session.thread.window };
    return fold;
  }
  return null;
}

/** The entries of a fold: its merges, then the fold itself. */
function foldDrafts(
  session: Session,
  planned: Plan & { kind: "cut" },
  { trigger, phase, tokensBefore }: { trigger: Trigger; phase: Phase; tokensBefore: number },
): Draft[] {
  const { thread, ledger, budget, setup, ports } = session;
  const span = { entries: planned.span.map(({ entry }) => entry), ledger, summary: null };
  const { merges, checkpoint } = foldParts(thread.checkpoints, span, { budget, hasRecall: setup.hasRecall });
  const { drafts, unchanged } = mergeDrafts(thread, merges);
  const inTail = new Set(planned.tail.map(({ entry }) => entry.seq));
  const now = renderNow(
    ledger,
    [],
    { fragments: changedSinceHead(thread, planned), current: currentRequest(thread, inTail) },
    budget,
  );
  const frozen = showHead(thread).length + unchanged.reduce((sum, { items }) => sum + items.length, 0);
  return [
    ...drafts,
    {
      kind: "fold",
      ...stored(checkpoint),
      trigger,
      phase,
      rung: "digest",
      now,
      clips: planned.clips,
      tokensBefore,
      tokensAfter: 0,
      durationMs: 0,
      renderer: RENDERER,
      frozen: { items: frozen, sha256: frozenHash(thread, frozen, ports) },
    },
  ];
}

const stored = ({ level, generation, from, to, users, record }: Merge["checkpoint"]) => ({
  level,
  generation,
  from,
  to,
  users: users.map(({ seq, clip }) => (clip ? { seq, clip } : { seq })),
  record,
});

function mergeDrafts(thread: Thread, merges: readonly Merge[]): { drafts: Draft[]; unchanged: readonly Checkpoint[] } {
  let seqs = thread.checkpoints.map(({ seq }) => seq);
  let untouched = thread.checkpoints.length;
  const drafts = merges.map(({ first, count, checkpoint }, index): Draft => {
    const takes = seqs.slice(first, first + count);
    seqs = seqs.toSpliced(first, count, thread.lastSeq + 1 + index);
    untouched = Math.min(untouched, first);
    return { kind: "merge", takes, ...stored(checkpoint) };
  });
  return { drafts, unchanged: thread.checkpoints.slice(0, untouched) };
}

/** Fragments that say something else than the head does, and do not stand in the new tail. */
function changedSinceHead(thread: Thread, { tail }: Plan & { kind: "cut" }) {
  const head = new Map(thread.epoch?.fragments.map((fragment) => [fragment.name, fragment.text]));
  const inTail = new Set(tail.flatMap(({ entry }) => (entry.kind === "fragment" ? [entry.fragment.name] : [])));
  return [...thread.fragments.values()].filter(({ name, text }) => head.get(name) !== text && !inTail.has(name));
}

function currentRequest(thread: Thread, inTail: ReadonlySet<number>) {
  if (!thread.inTurn) return [];
  return thread.asked
    .filter(({ seq }) => !inTail.has(seq))
    .map(({ seq, item }) => ({ seq, text: contentText(item.content) }));
}

/** The thread as it would be with `drafts`, without touching the real one. */
function trial(thread: Thread, drafts: readonly Draft[]): Thread {
  const copy: Thread = {
    ...thread,
    fragments: new Map(thread.fragments),
    calls: [...thread.calls],
    merges: [],
    tail: [...thread.tail],
  };
  for (const [index, draft] of drafts.entries()) {
    append(copy, { seq: thread.lastSeq + 1 + index, ts: "", ...draft } as Entry);
  }
  return copy;
}

/** What takes the room, as lines for people, largest first. */
export function breakdown({ head, checkpoints, now, tail, total }: Measured, reserve: number): Part[] {
  const parts: Part[] = [
    { name: "instructions, tools and project context", tokens: head },
    { name: "records of earlier windows", tokens: checkpoints },
    { name: "ledger, pins and current request", tokens: now },
    { name: "newest steps", tokens: tail },
    { name: "kept free for the answer", tokens: reserve },
  ];
  return [
    ...parts.filter(({ tokens }) => tokens > 0).toSorted((a, b) => b.tokens - a.tokens),
    { name: "together", tokens: total + reserve },
  ];
}
