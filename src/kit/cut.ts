/**
 * Cut: the head and the tail of a text that is too long, and an exact count of what lies between.
 *
 * Invariants  1. head + middle + tail is the text; no surrogate pair is split.
 *             2. Cuts fall on line breaks where a line break is near enough.
 */
import { BYTES_PER_TOKEN, byteLength, tokensOf, tokensOfBytes } from "./tokens.ts";

export interface Cut {
  readonly head: string;
  readonly tail: string;
  readonly cutTokens: number;
  readonly cutLines: number;
}

/**
 * Cut a text to at most `tokens`, half of them for the head.
 *
 * @returns null when the text fits as it is.
 */
export function cutMiddle(text: string, tokens: number): Cut | null {
  if (text.length <= tokens || tokensOf(text) <= tokens) return null;
  const half = Math.max(0, Math.floor((tokens * BYTES_PER_TOKEN) / 2));
  const headEnd = lineEndBefore(text, charsForBytes(text, half));
  const tailStart = Math.max(headEnd, lineStartAfter(text, text.length - charsForBytesFromEnd(text, half)));
  const middle = text.slice(headEnd, tailStart);
  return {
    head: text.slice(0, headEnd),
    tail: text.slice(tailStart),
    cutTokens: tokensOfBytes(byteLength(middle)),
    cutLines: middle.split("\n").length - 1,
  };
}

/** The first characters of `text` that take at most `sizeBytes`, never half a surrogate pair. */
export const headBytes = (text: string, sizeBytes: number): string => text.slice(0, charsForBytes(text, sizeBytes));

/** One line of a text for a list: white space folded, cut with an ellipsis at `chars`. */
export function oneLine(text: string, chars: number): string {
  const line = text
    .slice(0, chars * 4 + 200)
    .replace(/\s+/g, " ")
    .trim();
  return line.length <= chars ? line : `${line.slice(0, safeEnd(line, Math.max(0, chars - 1)))}…`;
}

function charsForBytes(text: string, sizeBytes: number): number {
  let used = 0;
  let index = 0;
  while (index < text.length) {
    const code = text.codePointAt(index) as number;
    used += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (used > sizeBytes) break;
    index += code < 0x10000 ? 1 : 2;
  }
  return index;
}

function charsForBytesFromEnd(text: string, sizeBytes: number): number {
  let used = 0;
  let index = text.length;
  while (index > 0) {
    const low = text.charCodeAt(index - 1);
    const isPair = low >= 0xdc00 && low <= 0xdfff && index > 1 && isHigh(text.charCodeAt(index - 2));
    used += isPair ? 4 : low < 0x80 ? 1 : low < 0x800 ? 2 : 3;
    if (used > sizeBytes) break;
    index -= isPair ? 2 : 1;
  }
  return text.length - index;
}

function lineEndBefore(text: string, end: number): number {
  const line = text.lastIndexOf("\n", end - 1) + 1;
  return line > end * 0.7 ? line : end;
}

function lineStartAfter(text: string, start: number): number {
  const line = text.indexOf("\n", start) + 1;
  return line > 0 && line - start < (text.length - start) * 0.3 ? line : start;
}

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
const safeEnd = (text: string, end: number): number => (end > 0 && isHigh(text.charCodeAt(end - 1)) ? end - 1 : end);
