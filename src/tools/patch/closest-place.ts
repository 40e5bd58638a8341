/** Closest place: the stretch of a file that resembles wanted lines most, for telling why they were not found. */

export interface Place {
  /** Index of the first line. */
  readonly from: number;
  /** Index after the last line. */
  readonly to: number;
}

const MOST_LINES = 50_000;
const MOST_CHARS = 400;
/** This many wanted lines, the first ones, are enough to tell the place. */
const MOST_WANTED = 12;

/**
 * Find the window whose lines share most letter triples with the wanted ones, line by line.
 *
 * @returns null when nothing in the file resembles them.
 */
export function closestPlace(lines: readonly string[], wanted: readonly string[]): Place | null {
  const pattern = wanted.slice(0, MOST_WANTED).map(triples);
  const owners = new Map<number, number[]>();
  for (const [index, set] of pattern.entries()) {
    for (const triple of set) {
      const list = owners.get(triple);
      if (list) list.push(index);
      else owners.set(triple, [index]);
    }
  }
  const weights = pattern.map((set) => Math.min(set.size, 12) / 12);
  const votes = new Float64Array(Math.min(lines.length, MOST_LINES) + wanted.length);
  const shared = new Uint16Array(pattern.length);
  for (let line = 0; line < lines.length && line < MOST_LINES; line++) {
    const set = triples(lines[line] as string);
    shared.fill(0);
    for (const triple of set) for (const index of owners.get(triple) ?? []) (shared[index] as number)++;
    for (const [index, count] of shared.entries()) {
      const alike = (2 * count) / (set.size + (pattern[index] as Set<number>).size || 1);
      // `votes` is shifted by the pattern's length: a window may begin before the file does.
      if (alike > 0.3) (votes[line - index + wanted.length] as number) += alike * (weights[index] as number);
    }
  }
  return best(votes, wanted.length, lines.length);
}

function best(votes: Float64Array, size: number, count: number): Place | null {
  let top = 0;
  let place = -1;
  for (let at = 0; at < votes.length; at++) {
    // Neighbours count half: a line too many or too few shifts the rest by one.
    const score = (votes[at] ?? 0) + ((votes[at - 1] ?? 0) + (votes[at + 1] ?? 0)) / 2;
    if (score > top + 1e-9) {
      top = score;
      place = at;
    }
  }
  if (place === -1) return null;
  const from = Math.max(0, place - size);
  return { from, to: Math.min(count, Math.max(from + 1, place)) };
}

function triples(line: string): Set<number> {
  const text = `\u0001${line.trim().replace(/\s+/g, " ").slice(0, MOST_CHARS)}\u0001`;
  const set = new Set<number>();
  if (text.length < 3) return set;
  for (let at = 0; at + 2 < text.length; at++) {
    set.add(text.charCodeAt(at) * 0x1_0000_0000 + text.charCodeAt(at + 1) * 0x1_0000 + text.charCodeAt(at + 2));
  }
  return set;
}
