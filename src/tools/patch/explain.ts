/** Explain: what the model reads when a hunk has no place: which, why, and what the file holds there. */
import type { Miss } from "./apply-hunks.ts";
import { closestPlace } from "./closest-place.ts";

/** Lines of files shown in one answer, over all files and hunks. */
export const SHOWN_LINES = 40;
/** With less room than this an excerpt says nothing. */
const FEWEST_LINES = 3;
/** Hunks of one file that are shown with the file's lines; the others get their reason alone. */
const SHOWN_HUNKS = 3;
const LINE_CHARS = 240;

export interface Missed {
  readonly misses: readonly Miss[];
  readonly lines: readonly string[];
}

/**
 * Print the hunks of one file that found no place.
 *
 * @param hunks how many hunks the patch has for the file
 * @param room  how many lines of the file may be shown
 */
export function explainMisses(path: string, hunks: number, { misses, lines }: Missed, room: number): string {
  const each = Math.floor(room / Math.min(misses.length, SHOWN_HUNKS));
  const texts = misses.map((miss, index) => {
    const where = hunks === 1 ? path : `${path}, hunk ${miss.hunk} of ${hunks}`;
    const head = `${where} (patch line ${miss.line}): ${miss.reason}.`;
    return index < SHOWN_HUNKS && each >= FEWEST_LINES ? `${head}\n${excerpt(miss, lines, each)}` : head;
  });
  return texts.join("\n");
}

function excerpt(miss: Miss, lines: readonly string[], room: number): string {
  if (lines.length === 0) return "The file is empty.";
  if (lines.length <= Math.min(room, 12)) return `The whole file:\n${numbered(lines, 0, lines.length)}`;
  const closest = closestPlace(lines, miss.wanted);
  if (closest === null) return `Nothing in the file's ${lines.length} lines is like "${short(miss.wanted[0] ?? "")}".`;
  const { from, to } = closest;
  const margin = Math.max(0, Math.min(3, Math.floor((room - (to - from)) / 2)));
  const first = Math.max(0, from - margin);
  const last = Math.min(lines.length, to + margin, first + room);
  const said = `The closest place, lines ${first + 1}-${last} of ${lines.length}:\n${numbered(lines, first, last)}`;
  const differs = miss.wanted.findIndex((line, index) => line.trim() !== lines[from + index]?.trim());
  return differs === -1 || from + differs >= last
    ? said
    : `${said}\nFrom line ${from + differs + 1} on it differs; the patch has: ${short(miss.wanted[differs] as string)}`;
}

function numbered(lines: readonly string[], from: number, to: number): string {
  const shown = lines.slice(from, to).map((line, index) => `${from + index + 1}: ${short(line)}`);
  return shown.join("\n");
}

const short = (line: string): string => (line.length > LINE_CHARS ? `${line.slice(0, LINE_CHARS)}…` : line);
