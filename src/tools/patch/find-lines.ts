/**
 * Find lines: where a run of lines stands in a file, exactly or as good as.
 *
 * Owns        what counts as the same line, in four levels: exact; trailing white space ignored; leading too;
 *             dashes, quotes and spaces of Unicode read as their ASCII forms.
 * Invariants  1. A lower level wins wherever it stands; within a level the first place wins.
 *             2. `[secret:NAME]` in a wanted line stands for any text: the model saw the line masked.
 */
export type Wanted = readonly string[];

export interface Finder {
  readonly lines: readonly string[];
  /** Index of the first line of the first place at or after `from`; with `atEnd`, only the file's very end. */
  find(wanted: Wanted, from: number, atEnd: boolean): number | null;
  /** Index of the first line at or after `from` that is `line` or, failing that, holds it. */
  findContext(line: string, from: number): number | null;
}

const PLACEHOLDER = /\[secret:[\w.-]+\]/;

const LEVELS: readonly ((line: string) => string)[] = [
  (line) => line,
  (line) => line.trimEnd(),
  (line) => line.trim(),
  (line) => plain(line).trim(),
];

/** Prepare a file's lines for many searches: each level is computed once, when first needed. */
export function createFinder(lines: readonly string[]): Finder {
  const views: (readonly string[])[] = [lines];
  const view = (level: number): readonly string[] => {
    views[level] ??= lines.map(LEVELS[level] as (line: string) => string);
    return views[level];
  };
  return {
    lines,
    find(wanted, from, atEnd) {
      const last = lines.length - wanted.length;
      const first = atEnd ? Math.max(from, last) : from;
      for (let level = 0; level < LEVELS.length && first <= last; level++) {
        const tests = wanted.map((line) => matcher((LEVELS[level] as (line: string) => string)(line)));
        const at = search(view(level), tests, first, last);
        if (at !== null) return at;
      }
      return null;
    },
    findContext(line, from) {
      const whole = this.find([line], from, false);
      if (whole !== null) return whole;
      const part = plain(line).trim();
      const at = view(3).findIndex((text, index) => index >= from && text.includes(part));
      return at === -1 ? null : at;
    },
  };
}

/** A line as a level wants it, or the pieces between its placeholders. */
type Matcher = string | readonly string[];

function matcher(line: string): Matcher {
  return line.includes("[secret:") && PLACEHOLDER.test(line) ? line.split(PLACEHOLDER) : line;
}

function search(lines: readonly string[], tests: readonly Matcher[], first: number, last: number): number | null {
  for (let at = first; at <= last; at++) {
    let index = 0;
    while (index < tests.length && fits(lines[at + index] as string, tests[index] as Matcher)) index++;
    if (index === tests.length) return at;
  }
  return null;
}

function fits(line: string, test: Matcher): boolean {
  if (typeof test === "string") return line === test;
  const [head, ...rest] = test as [string, ...string[]];
  const tail = rest.pop() ?? "";
  if (line.length < head.length + tail.length || !line.startsWith(head) || !line.endsWith(tail)) return false;
  let at = head.length;
  for (const piece of rest) {
    const found = line.indexOf(piece, at);
    if (found === -1 || found + piece.length > line.length - tail.length) return false;
    at = found + piece.length;
  }
  return true;
}

/** Unicode punctuation and spaces as the ASCII that people and models type for them. */
function plain(line: string): string {
  if (!/[^\0-\x7f]/.test(line)) return line;
  return line
    .replace(/[\u2010-\u2015\u2212\uFE58\uFE63\uFF0D]/g, "-")
    .replace(/[\u2018-\u201B\u2032]/g, "'")
    .replace(/[\u201C-\u201F\u2033\u00AB\u00BB]/g, '"')
    .replace(/[\u00A0\u2002-\u200A\u202F\u205F\u3000]/g, " ")
    .replace(/[\u200B\u2060\uFEFF]/g, "")
    .replaceAll("\u2026", "...");
}
