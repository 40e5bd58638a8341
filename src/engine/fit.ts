/**
 * Fit: see to it that the next request fits, before it is sent and after a provider said it did not.
 *
 * Invariants  1. Each call either makes the prompt smaller or ends the turn with a breakdown: no loop without progress.
 */
import { measure } from "../compact/measure.ts";
import type { Event, TurnResult } from "./event.ts";
import { breakdown, foldNow } from "./fold.ts";
import type { ModelError } from "./ports.ts";
import type { Session } from "./session.ts";

/** Fold when the prompt is over the hard line. Returns an ending only when nothing makes it fit. */
export async function* fit(session: Session): AsyncGenerator<Event, TurnResult | null> {
  const { budget, thread, setup } = session;
  if (budget.hard === 0 || measure(thread, setup.target).total <= budget.hard) return null;
  if (yield* foldNow(session, { trigger: "limit", phase: "in-turn", line: budget.hard })) return null;
  const measured = measure(session.thread, setup.target);
  // Between the hard line and what is usable a request still goes through; only beyond it does the turn end.
  if (measured.total <= budget.usable) return null;
  return contextFull(session);
}

/** Make room for `tokens` more before a turn begins. What does not fit then is shown head and tail. */
export async function* fitFor(session: Session, tokens: number): AsyncGenerator<Event, void> {
  const { budget, thread, setup } = session;
  if (budget.hard === 0 || measure(thread, setup.target).total + tokens <= budget.hard) return;
  const line = Math.max(budget.hard - tokens, Math.floor(budget.hard / 2));
  yield* foldNow(session, { trigger: "limit", phase: "before-turn", line });
}

/**
 * The provider said the prompt is too long: learn what it told, fold to well under that, and say whether to ask again.
 *
 * @param times how often this turn was told so before
 */
export async function* fitAfterOverflow(
  session: Session,
  error: ModelError,
  times: number,
): AsyncGenerator<Event, boolean> {
  const { thread, setup, budget } = session;
  if (times >= 3) return false;
  const measured = measure(thread, setup.target).total;
  const room = Math.min(error.limit ?? Number.POSITIVE_INFINITY, measured);
  const line = Math.floor(0.8 * room);
  session.budget = {
    ...budget,
    usable: Math.min(budget.usable, room),
    hard: Math.min(budget.hard || room, Math.floor(0.9 * room)),
  };
  yield {
    kind: "notice",
    text: `The provider says the prompt is too long (about ${measured} tokens by our count): folding and asking again.`,
  };
  return (yield* foldNow(session, { trigger: "overflow", phase: "in-turn", line })) !== null;
}

function contextFull({ thread, setup, budget }: Session): TurnResult {
  const measured = measure(thread, setup.target);
  const parts = breakdown(measured, budget.reserve);
  const list = parts.map(({ name, tokens }) => `${name} ${tokens}`).join(", ");
  const message = `The context is full: ${measured.total} tokens do not fit the ${budget.usable} usable of ${budget.limit}, and folding frees no more (${list}). Use a model with a larger context, or shorten what takes the room.`;
  return { kind: "context-full", message, parts };
}
