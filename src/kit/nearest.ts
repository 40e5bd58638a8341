/** Nearest: the name that was probably meant. */

/** Longer than any name: what is typed beyond it only costs time. */
const LONGEST = 60;

/**
 * The name with the fewest typing mistakes between it and what was typed.
 *
 * @returns null when none is near: more than a third of its letters would be wrong. Of equals the first.
 */
export function nearest(typed: string, names: readonly string[]): string | null {
  let best: string | null = null;
  let fewest = Number.POSITIVE_INFINITY;
  for (const name of names) {
    const mistakes = mistakesBetween(typed.slice(0, LONGEST), name);
    const most = Math.max(1, Math.floor(Math.min(typed.length, name.length) / 3));
    if (mistakes <= most && mistakes < fewest) [best, fewest] = [name, mistakes];
  }
  return best;
}

/** Letters missing, added, wrong or swapped with their neighbour. */
function mistakesBetween(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const wrong = a[i - 1] === b[j - 1] ? 0 : 1;
      let fewest = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + wrong);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwap) fewest = Math.min(fewest, (beforeLast[j - 2] ?? 0) + 1);
      row.push(fewest);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
