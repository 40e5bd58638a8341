/**
 * Apply hunks: one file's text and the hunks meant for it, as the new text.
 *
 * Owns        where a hunk goes, and what a hunk that goes nowhere is told.
 * Invariants  1. Hunks are placed in their order, each below the one before; none overlaps another.
 *             2. Kept lines keep the file's own bytes, also where the patch has them only nearly right.
 *             3. Added lines end as their neighbours do; a missing last line break stays missing unless said.
 */
import { type FileText, parseText, printText } from "./file-text.ts";
import { createFinder, type Finder } from "./find-lines.ts";
import type { Hunk } from "./parse-patch.ts";

/** A hunk that cannot be placed. */
export interface Miss {
  /** Which hunk of the file, counted from 1. */
  readonly hunk: number;
  /** Its line in the patch. */
  readonly line: number;
  readonly reason: string;
  /** What was looked for: file lines as the patch has them. */
  readonly wanted: readonly string[];
}

export type Applied =
  | { readonly kind: "applied"; readonly text: string }
  | { readonly kind: "missed"; readonly misses: readonly Miss[]; readonly lines: readonly string[] };

interface Placed {
  readonly at: number;
  readonly hunk: Hunk;
}
interface Lost {
  readonly reason: string;
  readonly wanted: readonly string[];
}

/** Place all hunks, then build the new text; a single hunk without a place leaves none of them applied. */
export function applyHunks(text: string, hunks: readonly Hunk[]): Applied {
  const file = parseText(text);
  const finder = createFinder(file.lines);
  const placed: Placed[] = [];
  const misses: Miss[] = [];
  let from = 0;
  for (const [index, hunk] of hunks.entries()) {
    const place = locate(hunk, finder, from);
    if ("at" in place) {
      placed.push(place);
      from = place.at + oldLines(place.hunk).length;
    } else {
      misses.push({ ...place, hunk: index + 1, line: hunk.line });
    }
  }
  if (misses.length > 0) return { kind: "missed", misses, lines: file.lines };
  return { kind: "applied", text: printText(rebuild(file, placed)) };
}

const oldLines = (hunk: Hunk): string[] => hunk.lines.filter(({ mark }) => mark !== "+").map(({ text }) => text);
const newLines = (hunk: Hunk): string[] => hunk.lines.filter(({ mark }) => mark !== "-").map(({ text }) => text);

function locate(hunk: Hunk, finder: Finder, from: number): Placed | Lost {
  const starts = startsOf(hunk.context, finder, from);
  if ("reason" in starts) return starts;
  const wanted = oldLines(hunk);
  if (wanted.length === 0) {
    const below = hunk.context.length > 0 && !hunk.atEnd;
    return { at: below ? (starts[0] as number) : finder.lines.length, hunk };
  }
  for (const start of starts) {
    const at = finder.find(wanted, start, hunk.atEnd);
    if (at !== null) return { at, hunk };
  }
  const shorter = withoutLastBlank(hunk);
  if (shorter) {
    const place = locate(shorter, finder, from);
    if ("at" in place) return place;
  }
  return { reason: whyLost(hunk, finder, from), wanted };
}

/** Where to look from: below the lines after "@@"; also from the last hunk on when such a line stands above that. */
function startsOf(context: readonly string[], finder: Finder, from: number): number[] | Lost {
  let start = from;
  let isAbove = false;
  for (const line of context) {
    const at = finder.findContext(line, start);
    if (at !== null) start = at + 1;
    else if (finder.findContext(line, 0) !== null) isAbove = true;
    else return { reason: `the line after "@@" was not found`, wanted: [line] };
    isAbove ||= from > 0 && (finder.findContext(line, 0) ?? from) < from;
  }
  // The named line may also be repeated as the hunk's first line.
  const starts = start > from ? [start, start - 1] : [start];
  return isAbove ? [...starts, from] : starts;
}

/** The hunk without an empty kept line at its end: it often only stands for the file's last line break. */
function withoutLastBlank(hunk: Hunk): Hunk | null {
  const last = hunk.lines.at(-1);
  const isBlank = last !== undefined && last.mark === " " && last.text.trim() === "";
  return isBlank && hunk.lines.length > 1 ? { ...hunk, lines: hunk.lines.slice(0, -1) } : null;
}

function whyLost(hunk: Hunk, finder: Finder, from: number): string {
  const wanted = oldLines(hunk);
  const elsewhere = finder.find(wanted, 0, false);
  if (elsewhere !== null && hunk.atEnd) {
    return `its lines stand at line ${elsewhere + 1}, not at the end of the file as "*** End of File" says`;
  }
  if (elsewhere !== null && elsewhere < from) {
    return `its lines stand at line ${elsewhere + 1}, above the end of the hunk before it (line ${from}); hunks must stand in the order of the file`;
  }
  if (elsewhere !== null) return `its lines stand at line ${elsewhere + 1}, above the line after "@@"`;
  const wished = newLines(hunk);
  const done = wished.some((line) => line.trim().length > 3) ? finder.find(wished, 0, false) : null;
  if (done !== null) return `its old lines are not there, but its new lines stand at line ${done + 1} already`;
  return from > 0 ? `its lines were not found below line ${from}` : "its lines were not found";
}

/** invariants 2 and 3 */
function rebuild(file: FileText, placed: readonly Placed[]): FileText {
  const lines: string[] = [];
  const ends: string[] = [];
  let next = 0;
  const keep = (to: number): void => {
    for (; next < to; next++) {
      lines.push(file.lines[next] as string);
      ends.push(file.ends[next] as string);
    }
  };
  for (const { at, hunk } of placed) {
    keep(at);
    for (const { mark, text } of hunk.lines) {
      if (mark === " ") keep(next + 1);
      else if (mark === "-") next++;
      else {
        const eol = file.ends[Math.min(next, file.lines.length - 1)] || file.eol;
        lines.push(eol === "\r\n" && text.endsWith("\r") ? text.slice(0, -1) : text);
        ends.push(eol);
      }
    }
  }
  keep(file.lines.length);
  const said = placed.findLast(({ hunk }) => hunk.finalNewline !== undefined)?.hunk.finalNewline;
  close(lines, ends, file, said);
  return { ...file, lines, ends };
}

/** Give every line but the last its line break, and the last one what the file had or the patch said. */
function close(lines: string[], ends: string[], file: FileText, said: boolean | undefined): void {
  const last = lines.length - 1;
  for (let index = 0; index < last; index++) ends[index] ||= file.eol;
  if (last < 0) return;
  const hadNewline = file.lines.length === 0 || file.ends.at(-1) !== "";
  ends[last] = (said ?? hadNewline) ? ends[last] || file.eol : "";
}
