/**
 * Visible: text of models and tools made safe and fit for a terminal.
 *
 * Invariants  1. What comes out holds no control character but tab and line break, and no mark that turns the
 *                direction of writing: nothing a terminal would act on, nothing that hides what stands there.
 */

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this file is about
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Control characters as `^X`, others that act unseen as `<U+XXXX>`; `\r\n` becomes a line break. */
export function visible(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(UNSAFE, (mark) => {
    const code = mark.charCodeAt(0);
    if (code < 0x20) return `^${String.fromCharCode(code + 0x40)}`;
    if (code === 0x7f) return "^?";
    return `<U+${code.toString(16).toUpperCase().padStart(4, "0")}>`;
  });
}

/** `visible` for text that comes in pieces: what may belong to the next piece is held back. */
export class VisibleStream {
  #held = "";

  take(piece: string): string {
    const text = this.#held + piece;
    const cut = /[\r\ud800-\udbff]$/.test(text) ? text.length - 1 : text.length;
    this.#held = text.slice(cut);
    return visible(text.slice(0, cut));
  }

  /** What was held back; the stream starts anew. */
  end(): string {
    const rest = visible(this.#held);
    this.#held = "";
    return rest;
  }
}

/** One safe line of a text, tabs as spaces, cut with an ellipsis so that it takes at most `columns`. */
export function line(text: string, columns: number): string {
  const flat = visible(text.slice(0, columns * 8 + 256))
    .replace(/\t/g, "    ")
    .replace(/\n+/g, " ");
  return clip(flat, columns);
}

/** The start of a line that takes at most `columns`, the last of them an ellipsis where something was cut. */
export function clip(text: string, columns: number): string {
  let used = 0;
  let end = 0;
  for (const sign of text) {
    used += columnsOf(sign);
    if (used > columns) return columns < 1 ? "" : `${text.slice(0, end)}…`;
    // The place to cut at, should the line turn out too long: one column is for the ellipsis.
    if (used <= columns - 1) end += sign.length;
  }
  return text;
}

/** Columns a text takes: 2 for wide signs, 0 for marks that combine. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const sign of text) columns += /^\p{M}|\u200d|[\ufe00-\ufe0f]/u.test(sign) ? 0 : WIDE.test(sign) ? 2 : 1;
  return columns;
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;
