/**
 * Retry: whether to ask once more, and how long to wait first. Pure.
 *
 * Owns        the two budgets (requests that were never answered, streams that broke) and the wait.
 * Invariants  1. At most 1 + requests + streams requests are sent for one answer: the budgets add, they never multiply.
 * Source      Codex 0.169: 4 and 5 retries, 200 ms doubled each time, 10 % jitter; its product of 30 requests is left out.
 */
import type { Failure, Level } from "./errors.ts";

export interface Budget {
  readonly request: number;
  readonly stream: number;
}

export type Next =
  | { readonly kind: "wait"; readonly attempt: number; readonly of: number; readonly delayMs: number }
  | { readonly kind: "give-up" }
  /** The provider wants a longer wait than anybody sits through. */
  | { readonly kind: "too-long"; readonly delayMs: number };

export const DEFAULT_BUDGET: Budget = { request: 4, stream: 5 };
const BASE_MS = 200;
const JITTER = 0.1;
const LONGEST_WAIT_MS = 60_000;
/** A longer backoff than this helps nobody, however many retries are set. */
const LONGEST_BACKOFF_MS = 30_000;

/**
 * Decide about one more try.
 *
 * @param spent  retries so far, of each kind
 * @param wantMs the wait that the provider asked for; null when it did not
 * @param random a number in [0, 1)
 */
export function planRetry(
  level: Level,
  spent: Budget,
  budget: Budget,
  wait: { wantMs: number | null; random: number },
): Next {
  if (level === "never" || spent[level] >= budget[level]) return { kind: "give-up" };
  const { wantMs, random } = wait;
  if (wantMs !== null && wantMs > LONGEST_WAIT_MS) return { kind: "too-long", delayMs: wantMs };
  const attempt = spent[level] + 1;
  const backoff = Math.min(BASE_MS * 2 ** (attempt - 1), LONGEST_BACKOFF_MS) * (1 + JITTER * (2 * random - 1));
  return { kind: "wait", attempt, of: budget[level], delayMs: Math.ceil(wantMs || backoff) };
}

/** The wait that a failure asks for: by header, else in its words. */
export function wantedWait(failure: Failure): number | null {
  if (failure.kind !== "answer") return null;
  return failure.retryAfterMs ?? waitInWords(failure.message);
}

const WORDS =
  /(?:try again|retry) (?:in|after) ((?:\d+(?:\.\d+)?\s*(?:ms|milliseconds?|h|hours?|m|min|minutes?|s|sec|seconds?)(?![a-z])\s*)+)/i;
const PART = /(\d+(?:\.\d+)?)\s*([a-z]+)/gi;

/** "Please try again in 1m30.5s", "retry in 20 seconds", "try again in 28ms". */
export function waitInWords(text: string): number | null {
  const match = WORDS.exec(text);
  if (!match) return null;
  let ms = 0;
  for (const [, amount, unit] of (match[1] as string).matchAll(PART)) ms += Number(amount) * unitMs(unit as string);
  return ms;
}

function unitMs(unit: string): number {
  const name = unit.toLowerCase();
  if (name.startsWith("ms") || name.startsWith("milli")) return 1;
  return name.startsWith("h") ? 3_600_000 : name.startsWith("m") ? 60_000 : 1000;
}

/** `retry-after-ms`, or `retry-after` in seconds or as a date, taken from the server's own clock. */
export function waitInHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): number | null {
  const ms = Number.parseFloat(one(headers["retry-after-ms"]));
  if (ms >= 0) return ms;
  const after = one(headers["retry-after"]);
  if (/^\d+(\.\d+)?$/.test(after)) return Number(after) * 1000;
  const until = Date.parse(after) - Date.parse(one(headers.date));
  return until >= 0 ? until : null;
}

const one = (value: string | string[] | undefined): string =>
  (Array.isArray(value) ? (value[0] ?? "") : (value ?? "")).trim();

/** A wait for people. */
export function printWait(ms: number): string {
  const minutes = Math.ceil(ms / 60_000);
  if (ms < 120_000) return `${Math.ceil(ms / 1000)} s`;
  return minutes < 120 ? `${minutes} min` : `${Math.ceil(minutes / 60)} h`;
}
