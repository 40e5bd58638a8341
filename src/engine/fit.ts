/**
 * Fit: see to it that the next request fits, before it is sent and after a provider said it did not.
 *
 * Invariants  1. Each call either makes the prompt smaller or ends the turn with a breakdown: no loop without progress.
 */
import { measure } from "../compact/measure.ts";
import type { Event, TurnResult } from "./event.ts";
import { breakdown, foldNow } from "./fold.ts";
import type { ModelError } from "./ports.ts";
import { budgetWithin, record, type Session, settingsOf } from "./session.ts";

/** Fold when the prompt is over the hard line. Returns an ending only when nothing makes it fit. */
export async function* fit(session: Session): AsyncGenerator<Event, TurnResult | null> {
  const { budget, thread, setup } = session;
  const { total } = measure(thread, setup.target);
  if (budget.hard === 0 || total <= budget.hard) return null;
  if (yield* foldNow(session, { trigger: "limit", phase: "in-turn", line: budget.hard })) return null;
  // Between the hard line and what is usable a request still goes through; only beyond it must something give way.
  if (total <= budget.usable) return null;
  if (yield* foldNow(session, { trigger: "limit", phase: "in-turn", line: budget.usable })) return null;
  // The count is an estimate: where only its calibration passes the line, the provider may decide.
  return Math.ceil(total / thread.ratio) <= budget.usable ? null : contextFull(session);
}

/** Make room for `tokens` more before a turn begins. What does not fit then is shown head and tail. */
export async function* fitFor(session: Session, tokens: number): AsyncGenerator<Event, void> {
  const { budget, thread, setup } = session;
  if (budget.hard === 0 || measure(thread, setup.target).total + tokens <= budget.hard) return;
  const line = Math.max(budget.hard - tokens, Math.floor(budget.hard / 2));
  yield* foldNow(session, { trigger: "limit", phase: "before-turn", line });
}

/**
 * The provider said the prompt is too long: learn and record what it told, and fold to well under that.
 *
 * @param times how often this turn was told so before
 * @returns null to ask again, or the turn's end
 */
export async function* fitAfterOverflow(
  session: Session,
  error: ModelError,
  times: number,
): AsyncGenerator<Event, TurnResult | null> {
  const { setup } = session;
  if (times >= 3) return contextFull(session);
  const measured = measure(session.thread, setup.target).total;
  if (error.limit !== undefined && error.limit < session.limit.tokens) {
    session.limit = { tokens: error.limit, from: "provider" };
    session.budget = budgetWithin(setup, error.limit);
    yield { kind: "recorded", entries: await record(session, [settingsOf(session)], false) };
  }
  const line = Math.floor(0.8 * Math.min(session.limit.tokens, measured));
  yield {
    kind: "notice",
    text: `The provider says the prompt is too long (about ${measured} tokens by our count): folding and asking again.`,
  };
  const fold = yield* foldNow(session, { trigger: "overflow", phase: "in-turn", line });
  return fold ? null : contextFull(session);
}

function contextFull({ thread, setup, budget }: Session): TurnResult {
  const measured = measure(thread, setup.target);
  const parts = breakdown(measured, budget.reserve);
  const list = parts.map(({ name, tokens }) => `${name} ${tokens}`).join(", ");
  const message = `The context is full: ${measured.total} tokens do not fit the ${budget.usable} usable of ${budget.limit}, and folding frees no more (${list}). Use a model with a larger context, or shorten what takes the room.`;
  return { kind: "context-full", message, parts };
}
