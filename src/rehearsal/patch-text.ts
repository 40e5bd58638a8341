/** Patch text: the difference of two texts in the apply_patch format. */

/** One changed file of a patch. */
export interface FileText {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

const CONTEXT = 3;

/** A whole patch. Each hunk carries as much context as it needs to be found at its place. */
export const patchText = (files: readonly FileText[]): string =>
  `*** Begin Patch\n${files.map(fileSection).join("")}*** End Patch`;

/** The files a patch updates. */
export const patchedFiles = (patch: string): string[] =>
  [...patch.matchAll(/^\*\*\* Update File: (.+)$/gm)].map((match) => match[1]!.trim());

/** The lines a patch adds to one of its files. */
export function addedLines(patch: string, file: string): string {
  const sections = patch.split(/^\*\*\* Update File: /m);
  const section = sections.find((one) => one.startsWith(`${file}\n`)) ?? "";
  return [...section.matchAll(/^\+(.*)$/gm)].map((match) => match[1]!).join("\n");
}

/** The patch that takes a patch back: what was added is removed and the other way round. */
export const inversePatch = (patch: string): string =>
  patch.replace(/^(?:\+(.*)|-(.*))$/gm, (_, added?: string, removed?: string) =>
    added === undefined ? `+${removed}` : `-${added}`,
  );

interface Change {
  /** First line of the old text that is replaced, and how many. */
  readonly at: number;
  readonly removed: number;
  readonly added: readonly string[];
}

function fileSection({ path, before, after }: FileText): string {
  const old = linesOf(before);
  const changes = changesOf(old, linesOf(after));
  let text = `*** Update File: ${path}\n`;
  let done = 0;
  for (let index = 0; index < changes.length; ) {
    let last = index;
    while (changes[last + 1] && changes[last + 1]!.at - endOf(changes[last]!) <= 2 * CONTEXT) last++;
    const group = changes.slice(index, last + 1);
    const from = startOf(old, group, done);
    const to = Math.min(old.length, endOf(group.at(-1)!) + CONTEXT);
    text += `@@\n${hunk(old, group, from, to)}`;
    done = to;
    index = last + 1;
  }
  return text;
}

const linesOf = (text: string): string[] => (text.endsWith("\n") ? text.slice(0, -1) : text).split("\n");
const endOf = (change: Change): number => change.at + change.removed;

/** Where the hunk's context begins: far enough up that its lines are found here first. */
function startOf(old: readonly string[], group: readonly Change[], done: number): number {
  const to = Math.min(old.length, endOf(group.at(-1)!) + CONTEXT);
  let from = Math.max(done, group[0]!.at - CONTEXT);
  while (from > done && firstMatch(old, old.slice(from, to), done) !== from) from--;
  return from;
}

function firstMatch(old: readonly string[], part: readonly string[], from: number): number {
  for (let at = from; at + part.length <= old.length; at++) {
    if (part.every((line, index) => old[at + index] === line)) return at;
  }
  return -1;
}

function hunk(old: readonly string[], group: readonly Change[], from: number, to: number): string {
  const lines: string[] = [];
  let at = from;
  for (const change of group) {
    lines.push(...old.slice(at, change.at).map((line) => ` ${line}`));
    lines.push(...old.slice(change.at, endOf(change)).map((line) => `-${line}`));
    lines.push(...change.added.map((line) => `+${line}`));
    at = endOf(change);
  }
  lines.push(...old.slice(at, to).map((line) => ` ${line}`));
  return lines.map((line) => `${line}\n`).join("");
}

/** The changes between two lists of lines, by their longest common subsequence. */
function changesOf(old: readonly string[], now: readonly string[]): Change[] {
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) head++;
  let tail = 0;
  while (tail < Math.min(old.length, now.length) - head && old.at(-1 - tail) === now.at(-1 - tail)) tail++;
  const a = old.slice(head, old.length - tail);
  const b = now.slice(head, now.length - tail);
  const lengths = commonLengths(a, b);
  const changes: { at: number; removed: number; added: string[] }[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      i++;
      j++;
      continue;
    }
    const change = { at: head + i, removed: 0, added: [] as string[] };
    while ((i < a.length || j < b.length) && !(i < a.length && j < b.length && a[i] === b[j])) {
      const isAdded = j < b.length && (i === a.length || lengths[i]![j + 1]! > lengths[i + 1]![j]!);
      if (isAdded) change.added.push(b[j++]!);
      else {
        change.removed++;
        i++;
      }
    }
    changes.push(change);
  }
  return changes;
}

/** `[i][j]`: length of the longest common subsequence of a from i and b from j. */
function commonLengths(a: readonly string[], b: readonly string[]): number[][] {
  const table = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      table[i]![j] = a[i] === b[j] ? table[i + 1]![j + 1]! + 1 : Math.max(table[i + 1]![j]!, table[i]![j + 1]!);
    }
  }
  return table;
}
