/**
 * Output text: what the model reads of a command's output, within its cap.
 *
 * Invariants  1. Head, the bytes said to be left out, and tail are together all that was taken.
 *             2. The text takes at most `tokens`, unless the cap is too small for the lines around it.
 */
import type { Taken } from "../engine/ports.ts";
import { cutMiddle } from "../kit/cut.ts";
import { byteLength, tokensOf, tokensOfBytes } from "../kit/tokens.ts";

/** Where all output of a command is kept. */
export interface Kept {
  readonly file: string | null;
  /** Why there is no file, or what it holds instead of everything; empty when it holds everything. */
  readonly trouble: string;
}

export interface OutputText {
  readonly text: string;
  /** The file that holds everything, when the text does not. */
  readonly whole: string | null;
}

/** Everything around the output that has to be known to print it. */
export interface Frame {
  /** The first line. */
  readonly title: string;
  /** A last line of ours; empty for none. */
  readonly note: string;
  readonly tokens: number;
  /** Bytes as they came from the process. */
  readonly receivedBytes: number;
  /** Called only when something is left out. */
  readonly keepWhole: () => Kept;
}

export function outputText(taken: Taken, frame: Frame): OutputText {
  const all = taken.head + taken.tail;
  const end = frame.note === "" ? "" : `${all.endsWith("\n") ? "" : "\n"}${frame.note}`;
  if (all === "") return { text: `${frame.title}\n(no output)${end}`, whole: null };
  if (isBinary(all)) {
    const note = frame.note === "" ? "" : `\n${frame.note}`;
    return { text: `${frame.title}\n${binaryText(all, frame.receivedBytes)}${note}`, whole: null };
  }
  const around = tokensOf(frame.title + end) + 1;
  if (taken.droppedBytes === 0 && all.length <= frame.tokens * 4 && tokensOf(all) + around <= frame.tokens) {
    return { text: `${frame.title}\n${all}${end}`, whole: null };
  }
  const kept = frame.keepWhole();
  const room = frame.tokens - around - tokensOf(leftOut(999_999_999, 999_999_999, kept));
  const body = cutBody(taken, Math.max(room, Math.floor(frame.tokens / 2)), kept);
  return { text: `${frame.title}\n${body}${end}`, whole: kept.trouble === "" ? kept.file : null };
}

function cutBody(taken: Taken, tokens: number, kept: Kept): string {
  const all = taken.head + taken.tail;
  const cut = cutMiddle(all, tokens);
  if (cut === null && taken.droppedBytes === 0) return all;
  // A gap is there already: what is shown of either side must not reach across it.
  const isGap = taken.droppedBytes > 0;
  const head = isGap ? taken.head.slice(0, cut?.head.length) : (cut?.head ?? "");
  const tailChars = Math.min(cut?.tail.length ?? all.length, isGap ? taken.tail.length : all.length);
  const tail = all.slice(all.length - tailChars);
  const middle = all.slice(head.length, all.length - tailChars);
  const lines = taken.droppedLines + middle.split("\n").length - 1;
  const line = leftOut(tokensOfBytes(byteLength(middle) + taken.droppedBytes), lines, kept);
  return `${head}${head === "" || head.endsWith("\n") ? "" : "\n"}${line}\n${tail}`;
}

function leftOut(tokens: number, lines: number, { file, trouble }: Kept): string {
  const place =
    file === null
      ? trouble || "the rest was not kept"
      : trouble === ""
        ? `the whole output is in ${file}`
        : `${file} holds ${trouble}`;
  return `[… ${tokens} tokens in ${lines} lines left out; ${place} …]`;
}

/** NUL bytes, or more than a quarter of it no text. */
function isBinary(text: string): boolean {
  if (text.includes("\0")) return true;
  const first = text.indexOf("\ufffd");
  if (first < 0) return false;
  let broken = 0;
  for (let at = first; at >= 0; at = text.indexOf("\ufffd", at + 1)) broken++;
  return broken * 4 > text.length;
}

/** Its size, and the first readable pieces: often enough to tell what it is. */
function binaryText(text: string, sizeBytes: number): string {
  const pieces = text.slice(0, 4096).match(/[^\p{C}\ufffd]{3,}/gu) ?? [];
  const start = pieces.join(" ").slice(0, 200).trim();
  return `(binary output, ${sizeBytes} bytes)${start === "" ? "" : `\n${start}`}`;
}
