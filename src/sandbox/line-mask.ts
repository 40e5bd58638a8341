/**
 * LineMask: hides secrets in text that comes in pieces, by holding back the line that is not finished yet, and the
 * block of a private key until its last line is there.
 *
 * Invariants  1. What comes out, joined, is `mask` of what went in, as long as no secret but a private key spans lines
 *                and nobody called `flush` in the middle of one.
 *             2. At most LINE_LIMIT characters of a line and BLOCK_LIMIT of a key's block are held back.
 */
import { PEM_OPEN } from "../policy/key-shapes.ts";

export type Mask = (text: string) => string;

/** Longest unfinished line that is held back whole. */
const LINE_LIMIT = 8192;
/** Longest block that is held back: twice that of the longest keys in use. */
const BLOCK_LIMIT = 16_384;
/** How far a secret may reach on both sides of a cut inside a line that is longer than that. */
const REACH = 2048;

export class LineMask {
  readonly #mask: Mask;
  /** The raw start of a line without an end, so far. */
  #line = "";
  /** How many characters of it were shown already, and as what. */
  #shownChars = 0;
  #shown = "";

  constructor(mask: Mask) {
    this.#mask = mask;
  }

  /** Is there text that was not shown yet? */
  get holds(): boolean {
    return this.#line.length > this.#shownChars;
  }

  /** Add text; get back what can be shown. */
  push(text: string): string {
    const all = this.#line === "" ? text : this.#line + text;
    const end = beforeBlock(all, cutPlace(all, this.#mask));
    this.#line = end === all.length ? "" : all.slice(end);
    if (end === 0) return "";
    const masked = this.#mask(all.slice(0, end));
    const out = unseen(masked, this.#shown);
    this.#shown = this.#shown.startsWith(masked) ? this.#shown.slice(masked.length) : "";
    this.#shownChars = Math.max(0, this.#shownChars - end);
    return out;
  }

  /** Show the unfinished line as well. The rest of it is still masked as one with what was shown. */
  flush(): string {
    if (!this.holds) return "";
    const masked = this.#mask(this.#line);
    const out = unseen(masked, this.#shown);
    this.#shown = masked;
    this.#shownChars = this.#line.length;
    return out;
  }
}

/** What of `masked` comes after what was shown of it. */
function unseen(masked: string, seen: string): string {
  if (seen === "") return masked;
  if (masked.startsWith(seen)) return masked.slice(seen.length);
  // The shown part turned out to be the start of a secret: at least the rest of it stays hidden.
  let same = 0;
  while (same < seen.length && seen[same] === masked[same]) same++;
  return masked.slice(same);
}

/** Up to where the text can be masked without what comes after it. */
function cutPlace(text: string, mask: Mask): number {
  const line = Math.max(text.lastIndexOf("\n"), text.lastIndexOf("\r")) + 1;
  if (text.length - line <= LINE_LIMIT) return line;
  for (let cut = text.length - REACH; cut > text.length - LINE_LIMIT + REACH; cut -= 1024) {
    if (isSeamless(text, cut, mask)) return pairStart(text, cut);
  }
  return pairStart(text, text.length - REACH);
}

/** `end`, or where the line stands in which a key's block begins that is still open there: only whole it can be told for what it is. */
function beforeBlock(text: string, end: number): number {
  const begin = text.lastIndexOf("-----BEGIN ", end - 1);
  if (begin === -1 || text.length - begin > BLOCK_LIMIT || !PEM_OPEN.test(text.slice(begin, end))) return end;
  return Math.max(text.lastIndexOf("\n", begin), text.lastIndexOf("\r", begin)) + 1;
}

const isSeamless = (text: string, cut: number, mask: Mask): boolean => {
  const before = text.slice(cut - REACH, cut);
  const after = text.slice(cut, cut + REACH);
  return mask(before + after) === mask(before) + mask(after);
};

/** Never between the halves of a surrogate pair. */
const pairStart = (text: string, cut: number): number => {
  const unit = text.charCodeAt(cut - 1);
  return unit >= 0xd800 && unit <= 0xdbff ? cut - 1 : cut;
};
