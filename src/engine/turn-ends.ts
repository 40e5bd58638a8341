/** Turn ends: how a turn begins and what its endings record and say. */
import { measure, tokensOfItem } from "../compact/measure.ts";
import { BYTES_PER_TOKEN } from "../kit/tokens.ts";
import { clipTo } from "../thread/clip.ts";
import type { Draft } from "../thread/entry.ts";
import { contentText, type Item, isCall, isMessage, type Message, message } from "../wire/item.ts";
import type { Event, TurnResult } from "./event.ts";
import { fitFor } from "./fit.ts";
import { changesOf, closeOpenCalls, record, type Session } from "./session.ts";

/** Say that the turn begins, what changed since the last one, and what the user said. */
export async function* begin(session: Session, words: readonly Said[]): AsyncGenerator<Event, void> {
  yield { kind: "turn-started" };
  const tokens = words.reduce((sum, one) => sum + tokensOfItem(asMessage(one)), 0);
  yield* fitFor(session, tokens);
  const drafts: Draft[] = [
    ...closeOpenCalls(session),
    { kind: "turn", state: "started" },
    ...changesOf(session),
    ...said(session, words),
  ];
  yield { kind: "recorded", entries: await record(session, drafts, true) };
}

/** What a user says: words, or a message with images in it. */
export type Said = string | Message;

/** The user's words as entries. A message too long for the room that is left is shown head and tail; the log has it whole. */
export function said(session: Session, words: readonly Said[]): Draft[] {
  if (words.length === 0) return [];
  const { budget, thread, setup } = session;
  let room = budget.hard === 0 ? Number.POSITIVE_INFINITY : budget.hard - measure(thread, setup.target).total;
  return words.map((one): Draft => {
    const item = asMessage(one);
    const tokens = tokensOfItem(item);
    room -= tokens;
    if (room >= 0 || tokens <= budget.userMessage) return { kind: "item", item };
    return { kind: "item", item, clip: clipTo(contentText(item.content), budget.userMessage * BYTES_PER_TOKEN) };
  });
}

const asMessage = (said: Said): Message => (typeof said === "string" ? message("user", said) : said);

/** Record how the turn ended. */
export async function* finish(session: Session, result: TurnResult): AsyncGenerator<Event, void> {
  const reason = result.kind === "done" ? {} : { reason: result.message };
  const entries = await record(session, [{ kind: "turn", state: "ended", outcome: result.kind, ...reason }], true);
  yield { kind: "recorded", entries };
}

/** The limit that says stop before another request, if one is reached. */
export function overLimit({ setup, used, usedBefore }: Session, asked: number): TurnResult | null {
  const { maxRequests, maxTokens } = setup;
  if (maxRequests > 0 && asked >= maxRequests) {
    return {
      kind: "stopped",
      limit: "turns",
      message: `Stopped after ${asked} ${asked === 1 ? "request" : "requests"}, as --max-turns says; resume to go on.`,
    };
  }
  const tokens = used.inputTokens + used.outputTokens - usedBefore.inputTokens - usedBefore.outputTokens;
  if (maxTokens > 0 && tokens >= maxTokens) {
    return {
      kind: "stopped",
      limit: "tokens",
      message: `Stopped after ${tokens} tokens, as --max-tokens says; resume to go on.`,
    };
  }
  return null;
}

/** Does an answer hold text or a call, or only thoughts? */
export const hasAnswer = (items: readonly Item[]): boolean => items.some(isCall) || lastWords(items).trim() !== "";

/** The text of the last assistant message. */
export function lastWords(items: readonly Item[]): string {
  const last = items.filter((item) => isMessage(item, "assistant")).at(-1);
  return last?.type === "message" ? contentText(last.content) : "";
}
