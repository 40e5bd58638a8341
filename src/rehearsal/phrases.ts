/**
 * Phrases: the sentences the planner says and the steps it writes into its plan.
 *
 * Owns        their forms. After a fold they are all the planner has of what went before, so each one is written
 *             here beside the function that reads it back.
 */
import { parseTestRun, printTestRun, type TestRun } from "./outcome.ts";

export const INTRO =
  "I am Godwit's rehearsal: a small planner that follows rules, not a language model. I read what the tools return and act on it.";
export const OUTRO = "Written by rules, not by a language model.";

export const TESTS_BEFORE = "First the tests as they are.";
export const TESTS_LAST = "Last, the tests once more.";
export const CLOSED = "That was the last step.";
export const testsWith = (files: readonly string[]): string => `Now the tests with: ${files.join(", ")}`;
export const readTestsWith = (said: string): string[] | null => listAfter(said, "Now the tests with: ");
export const putBack = (files: readonly string[], next: string): string =>
  `The tests fail with: ${files.join(", ")}\nI put ${files.length === 1 ? "it" : "them"} back. ${next}`;
export const readPutBack = (said: string): string[] | null => listAfter(said, "The tests fail with: ");

function listAfter(said: string, start: string): string[] | null {
  const line = said.split("\n").find((one) => one.startsWith(start));
  return line === undefined ? null : line.slice(start.length).split(", ");
}

export const STAYS = "It stays CommonJS.";
export const AGAIN = "Perhaps it is named only at run time: next, require() of it shall give the value too.";
export const leaving = (files: readonly string[], reason: string): string => `I leave ${files.join(", ")}: ${reason}.`;

/** What a record still tells of files that were left or are tried again: it keeps the planner's words on one line. */
export function readRecord(record: string): { left: [file: string, reason: string][]; again: string[] } {
  const left: [string, string][] = [];
  const again: string[] = [];
  for (const line of record.split("\n")) {
    const said = /^- #\d+ said: (.+)$/.exec(line)?.[1] ?? "";
    const back = /The tests fail with: (\S+(?:, \S+)*) I put (?:it|them) back\. (.+)$/.exec(said);
    const leave = /\bI leave (\S+(?:, \S+)*): (.+?)\.(?: |$)/.exec(said);
    if (back && back[2]!.startsWith(AGAIN.slice(0, 20))) again.push(...back[1]!.split(", "));
    else if (back) for (const file of back[1]!.split(", ")) left.push([file, "the tests fail with it"]);
    if (leave) for (const file of leave[1]!.split(", ")) left.push([file, leave[2]!]);
  }
  return { left, again };
}

export type GitState = "none" | "clean" | "changed";

const STEP_CHARS = 110;
const short = (text: string): string => (text.length <= STEP_CHARS ? text : `${text.slice(0, STEP_CHARS - 1)}…`);

/** What a fold must not take: the tests before, whether git can put files back, how many files there were. */
export const beforeStep = (run: TestRun, git: GitState, count: number): string =>
  `Compare with the tests before: ${printTestRun(run)}; git ${git}; ${count} CommonJS files${
    run.failing.length === 0 ? "" : `; failing before: ${run.failing.join(" | ")}`
  }`;
export const readBeforeStep = (text: string): { run: TestRun; git: GitState; count: number } | null => {
  const match =
    /Compare with the tests before: (.+?); git (\w+); (\d+) CommonJS files(?:; failing before: (.+?)\.?$)?/m.exec(text);
  const run = match && parseTestRun(match[1]!);
  if (!run) return null;
  const failing = match[4]?.split(" | ") ?? [];
  return { run: { ...run, failing }, git: readGit(match[2]!), count: Number(match[3]) };
};
const readGit = (text: string): GitState => (text === "clean" || text === "changed" ? text : "none");
/** `left`: how many of them stay as they are. */
export const convertStep = (folder: string, count: number, left: number): string =>
  left === 0
    ? `Convert ${folder} (${count} file${count === 1 ? "" : "s"})`
    : `Convert ${folder} (${count - left} of ${count}, ${left} left)`;
export const readConvertStep = (step: string): { folder: string; count: number } | null => {
  const match = /^Convert (.+) \((?:(\d+) files?|\d+ of (\d+), \d+ left)\)$/.exec(step);
  return match === null ? null : { folder: match[1]!, count: Number(match[2] ?? match[3]) };
};
export const TYPE_STEP = 'Set "type": "module" in package.json';
export const NO_TYPE_STEP = 'Leave "type" unset in package.json, since some files stay CommonJS';
export const LEFT_TYPE_STEP = 'Leave "type" in package.json as it is';
export const LAST_STEP = "Run the tests a last time";
export const againStep = (file: string): string => `Try ${file} again, so that require() of it works too`;
export const readAgainStep = (step: string): string | null => /^Try (.+) again, so that/.exec(step)?.[1] ?? null;
export const leftStep = (file: string, reason: string): string => short(`Report ${file} as left: ${reason}`);
export const readLeftStep = (step: string): { file: string; reason: string } | null => {
  const match = /^Report (.+?) as left: (.+)$/.exec(step);
  return match === null ? null : { file: match[1]!, reason: match[2]! };
};

/** Is it a step of this planner's plan? */
export const isOwnStep = (step: string): boolean =>
  [TYPE_STEP, NO_TYPE_STEP, LEFT_TYPE_STEP, LAST_STEP].includes(step) ||
  [readBeforeStep, readConvertStep, readAgainStep, readLeftStep].some((read) => read(step) !== null);

/** `lib/a.js` belongs to `lib`, `a.js` to the package's root. */
export const folderOf = (path: string): string => (path.includes("/") ? path.slice(0, path.indexOf("/")) : "the root");
