/** Reading: files read in pieces, since a tool may show only the ends of a long output. */
import { readOutcome } from "./outcome.ts";

/** What has been read of one file. */
export interface Reading {
  readonly lines: ReadonlyMap<number, string>;
  /** Number of lines, a last one without line break included; -1 while not known. */
  readonly total: number;
  readonly endsWithBreak: boolean;
  /** Lines to ask for at once. */
  readonly size: number;
  /** Why it cannot be read; null while it can. */
  readonly trouble: string | null;
}

const START: Reading = { lines: new Map(), total: -1, endsWithBreak: true, size: 150, trouble: null };

/** The command that reads the next piece. */
export function readCommand(file: string, reading: Reading = START): string {
  let from = 1;
  while (reading.lines.has(from)) from++;
  return `wc -l < '${file}' && sed -n '${from},${from + reading.size - 1}p' '${file}'`;
}

/** The file and first line a command reads; null when it is another command. */
export function readTarget(command: string): { file: string; from: number; to: number } | null {
  const match = /^wc -l < '([^']+)' && sed -n '(\d+),(\d+)p' '\1'$/.exec(command);
  return match === null ? null : { file: match[1]!, from: Number(match[2]), to: Number(match[3]) };
}

/** Add what a read command answered. */
export function addPiece(reading: Reading = START, from: number, to: number, output: string): Reading {
  const { kind, number, body, isCut } = readOutcome(output);
  if (kind !== "ended") return reading;
  if (number !== 0) return { ...reading, trouble: "cannot be read" };
  if (isCut) {
    const size = Math.floor((to - from + 1) / 2);
    return size < 5 ? { ...reading, trouble: "has lines too long to be read" } : { ...reading, size };
  }
  const [count = "", ...rest] = body.split("\n");
  const breaks = Number(count.trim());
  const shown = rest.at(-1) === "" ? rest.slice(0, -1) : rest;
  // `wc` counts line breaks: one line more than that means that the last one has none.
  const hasMore = from + shown.length - 1 > breaks;
  const last = Math.min(to, hasMore ? breaks + 1 : breaks);
  const lines = new Map(reading.lines);
  for (let number = from; number <= last; number++) lines.set(number, shown[number - from] ?? "");
  // A piece that ends exactly at the last break cannot know of a line behind it; the next one can.
  const total = to > breaks ? Math.max(last, breaks) : -1;
  return { ...reading, lines, total: total === -1 ? reading.total : total, endsWithBreak: !hasMore };
}

/** The whole text, or null while pieces are missing. */
export function textOf(reading: Reading | undefined): string | null {
  if (reading === undefined || reading.total === -1 || reading.lines.size < reading.total) return null;
  const lines = Array.from({ length: reading.total }, (_, index) => reading.lines.get(index + 1) ?? "");
  return lines.join("\n") + (reading.endsWithBreak && lines.length > 0 ? "\n" : "");
}
