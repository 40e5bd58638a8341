/** Failures: the tests that failed in a run, read from the lines of the runners in common use. */

export interface Failure {
  readonly name: string;
  /** Its error in one line; empty where none could be told. */
  readonly error: string;
}

/** An error as a runner prints it: class, code, message. */
export const ERROR = /\b\w*Error\b(?: \[[\w ]+\])?: [^\n]+/;
const FAILED = /^\s*(?:✖|✕|×|●|not ok \d+ -|\d+\)) (.+?)(?: \(\d[\d.]* ?m?s\))?$/;
const PASSED = /^\s*(?:✔|✓|√|ok \d+|▶)/;

/** Each test that failed, once, in the order of the output. */
export function readFailures(body: string): Failure[] {
  const errors = new Map<string, string>();
  let current = "";
  // A file that crashes prints its error at the margin, before the runner names the file.
  let ahead = "";
  for (const line of body.split("\n")) {
    const name = FAILED.exec(line)?.[1] ?? "";
    if (name === "failing tests:") continue;
    if (name !== "") {
      errors.set(name, errors.get(name) || ahead);
      current = name;
      ahead = "";
    } else if (PASSED.test(line)) current = "";
    const error = name === "" ? oneLine(ERROR.exec(line)?.[0] ?? "") : "";
    if (error === "") continue;
    if (/^\s/.test(line) && current !== "") errors.set(current, errors.get(current) || error);
    else ahead ||= error;
  }
  return [...errors].map(([name, error]) => ({ name, error }));
}

const KNOWN = { names: 4, chars: 40 };

/** Names that are short enough to be kept in a plan; a last `…` says that there are more. */
export function shortNames(failures: readonly Failure[]): string[] {
  const names = [...new Set(failures.map(({ name }) => shortName(name)))];
  return names.length <= KNOWN.names ? names : [...names.slice(0, KNOWN.names), "…"];
}

const shortName = (name: string): string => oneLine(name).replaceAll("|", "/").slice(0, KNOWN.chars).trim();

/**
 * The first failure that is new, in its own words.
 *
 * @param known short names of what failed before
 * @returns     null when that cannot be told from the names
 */
export function firstNew(body: string, known: readonly string[]): string | null {
  if (known.at(-1) === "…") return null;
  const all = readFailures(body);
  const fresh = all.filter(({ name }) => !known.includes(shortName(name)));
  const first = fresh.find(({ error }) => error !== "");
  if (first === undefined) return fresh[0]?.name ?? null;
  // An error that reads like an old one is told apart by the name of its test.
  const isTwin = all.some((one) => !fresh.includes(one) && one.error === first.error);
  return isTwin ? `${shortName(first.name)}: ${first.error}` : first.error;
}

const oneLine = (text: string): string => text.replace(/\s+/g, " ").trim();
