/**
 * Turn: from what the user said until the model asks for no more tools.
 *
 * Owns        the order of things: record, fit, ask, record, act, round again.
 * Is not      a doer of I/O. Every effect is a port (./ports.ts).
 * Invariants  1. An entry is in the log before anyone is told of it; deltas are the one exception.
 *             2. Every call gets exactly one output, also when the turn is stopped.
 *             3. A turn ends with an assistant message or with a reason in one sentence.
 *
 *   said -> record -> fit -> ask -> record -> act -> record --.
 *                      ^______________________________________|
 */

import type { Draft } from "../thread/entry.ts";
import { isCall } from "../wire/item.ts";
import { act, groupCalls, leave, startsOf } from "./act.ts";
import { ask, type Reply } from "./ask.ts";
import type { Event, TurnResult } from "./event.ts";
import { fit, fitAfterOverflow } from "./fit.ts";
import { NotRecorded, record, type Session } from "./session.ts";
import { begin, finish, hasAnswer, lastWords, overLimit, type Said, said } from "./turn-ends.ts";

/** Run one turn. The events end with `turn-ended`; the same result is returned. */
export async function* runTurn(
  session: Session,
  words: Said | readonly Said[],
  signal: AbortSignal,
): AsyncGenerator<Event, TurnResult> {
  let result: TurnResult;
  try {
    yield* begin(session, Array.isArray(words) ? words : [words as Said]);
    result = yield* steps(session, signal);
    yield* finish(session, result);
  } catch (error) {
    if (!(error instanceof NotRecorded)) throw error;
    result = { kind: "failed", message: error.message };
  }
  yield { kind: "turn-ended", result };
  return result;
}

async function* steps(session: Session, signal: AbortSignal): AsyncGenerator<Event, TurnResult> {
  let overflows = 0;
  let empty = 0;
  for (let asked = 0; ; asked++) {
    const stop = overLimit(session, asked) ?? (yield* fit(session));
    if (stop) return stop;

    const reply: Reply = yield* ask(session, signal);
    if (reply.ending.kind === "failed") {
      const { error } = reply.ending;
      if (error.kind !== "context-length") return { kind: "failed", message: error.message, error };
      const full = yield* fitAfterOverflow(session, error, overflows++);
      if (full) return full;
      continue;
    }
    const isAborted = reply.ending.kind === "aborted";
    const calls = reply.items.filter(isCall);
    const groups = isAborted ? [] : groupCalls(calls, session.ports.tools);
    yield* keep(session, [...itemsOf(reply), ...startsOf(groups[0] ?? [])]);

    for (const [index, group] of groups.entries()) {
      if (signal.aborted) yield* leave(session, group);
      else {
        if (index > 0) yield* keep(session, startsOf(group));
        yield* act(session, group, calls.length, signal);
      }
    }
    if (isAborted && calls.length > 0) yield* leave(session, calls);
    if (isAborted || signal.aborted) return { kind: "interrupted", message: "Interrupted." };

    const queued = session.ports.inbox.take();
    yield* keep(session, said(session, queued));
    if (calls.length > 0 || queued.length > 0) {
      empty = 0;
      continue;
    }
    if (hasAnswer(reply.items)) return { kind: "done", text: lastWords(reply.items) };
    if (empty++ > 0) return { kind: "failed", message: "The model answered twice with neither text nor a tool call." };
  }
}

/** Record first, then tell (invariant 1). */
async function* keep(session: Session, drafts: readonly Draft[]): AsyncGenerator<Event, void> {
  if (drafts.length > 0) yield { kind: "recorded", entries: await record(session, drafts, true) };
}

function itemsOf({ items, usage, estimate }: Reply): Draft[] {
  const drafts = items.map((item): Draft => ({ kind: "item", item }));
  return usage ? [...drafts, { kind: "usage", usage, estimate }] : drafts;
}
