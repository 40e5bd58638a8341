/**
 * Now: what stands between the checkpoints and the tail, written at each fold and frozen until the next.
 *
 * Invariants  1. At most three messages: developer, user, user; an empty one is left out.
 *             2. The current request stands last, in the user's own words.
 */
import { headBytes } from "../kit/cut.ts";
import { BYTES_PER_TOKEN, tokensOf } from "../kit/tokens.ts";
import { clipText, clipTo } from "../thread/clip.ts";
import type { Fragment } from "../wire/fragment.ts";
import type { Role } from "../wire/item.ts";
import type { Budget } from "./budget.ts";
import type { Pin } from "./folded.ts";
import type { Ledger } from "./ledger.ts";
import { printLedger } from "./ledger-text.ts";

export interface Now {
  /** Fragments whose text is no longer what the head says, or that the head does not have. */
  readonly fragments: readonly Fragment[];
  /** The open turn's user messages that do not stand in the tail, oldest first. */
  readonly current: readonly { readonly seq: number; readonly text: string }[];
}

export interface NowMessage {
  readonly role: Role;
  readonly text: string;
}

/** The most a fragment may take here; fragments have smaller caps of their own. */
const FRAGMENT_BYTES = 32_768;

/** Print now: changed developer fragments; changed user fragments, ledger and pins; the current request. */
export function renderNow(ledger: Ledger, pins: readonly Pin[], now: Now, budget: Budget): NowMessage[] {
  const texts = (role: "developer" | "user") =>
    now.fragments.filter((one) => one.role === role).map(({ text }) => headBytes(text, FRAGMENT_BYTES));
  const room = Math.max(200, Math.min(budget.ledger, Math.floor(budget.added * 0.75)));
  const state = [...texts("user"), printLedger(ledger, room), printPins(pins, budget.pins)];
  const messages: NowMessage[] = [
    { role: "developer", text: texts("developer").join("\n\n") },
    { role: "user", text: state.filter((text) => text !== "").join("\n\n") },
    { role: "user", text: printCurrent(now.current, budget) },
  ];
  return messages.filter(({ text }) => text !== "");
}

function printPins(pins: readonly Pin[], tokens: number): string {
  const live = pins.filter(({ lifted }) => lifted === undefined);
  if (live.length === 0) return "";
  let left = tokens;
  const lines = live.map(({ seq, text }) => {
    left -= tokensOf(text) + 4;
    return left >= 0 ? `- ${text} (#${seq})` : `- see #${seq}`;
  });
  return ["Constraints the user set, word for word; they hold until the user lifts them:", ...lines].join("\n");
}

/** The opening of the message that shows what is being worked on. */
export const CURRENT_OPENING = "Current request, still open; this is what to work on:";

/** Each message up to its cap; where there are many, they share it, and the oldest of all are named by number. */
function printCurrent(current: Now["current"], budget: Budget): string {
  if (current.length === 0) return "";
  const room = Math.max(budget.current, budget.added);
  const each = Math.min(budget.current, Math.max(SHORTEST, Math.floor(room / current.length)));
  const shown = current.slice(-Math.max(1, Math.floor(room / SHORTEST)));
  const hidden = current.slice(0, current.length - shown.length).map(({ seq }) => `#${seq}`);
  const texts = shown.map(({ seq, text }) => {
    const isWhole = tokensOf(text) <= each;
    return `(#${seq})\n${isWhole ? text : clipText(text, clipTo(text, each * BYTES_PER_TOKEN), seq)}`;
  });
  const more = hidden.length > 0 ? [`(earlier ones are in the log: ${hidden.join(", ")})`] : [];
  return [CURRENT_OPENING, ...more, ...texts].join("\n");
}

/** Tokens below which a message is not worth showing in part. */
const SHORTEST = 40;
