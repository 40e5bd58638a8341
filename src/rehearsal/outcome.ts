/** Outcome: what came of a command, and of a run of the tests, read from the text a tool answered with. */
import { ERROR, firstNew, readFailures, shortNames } from "./failures.ts";

export interface CommandOutcome {
  readonly kind: "ended" | "killed" | "running" | "unknown";
  /** Exit code of one that ended, session of one that runs; else -1. */
  readonly number: number;
  /** The output below the tool's first line. */
  readonly body: string;
  /** Was the middle left out? */
  readonly isCut: boolean;
}

/** Read the answer of `exec_command` or `write_stdin`; `unknown` when it never ran to an end or was refused. */
export function readOutcome(output: string | null): CommandOutcome {
  const text = output ?? "";
  const [first = "", ...rest] = text.split("\n");
  const body = rest.join("\n");
  const isCut = /^\[… .*left out.*…\]$/m.test(body);
  const exit = /^exit code (-?\d+)/.exec(first);
  if (exit !== null) return { kind: "ended", number: Number(exit[1]), body, isCut };
  const session = /^still running as session (\d+)/.exec(first);
  if (session !== null) return { kind: "running", number: Number(session[1]), body, isCut };
  return { kind: first.startsWith("killed by") ? "killed" : "unknown", number: -1, body: text, isCut };
}

/** A run of the tests; -1 where a count is not known. */
export interface TestRun {
  readonly exit: number;
  readonly passed: number;
  readonly failed: number;
  /** The first thing that went wrong, in its own words; empty when nothing did. */
  readonly trouble: string;
  /** Short names of the tests that failed. */
  readonly failing: readonly string[];
}

export function readTestRun({ kind, number, body }: CommandOutcome): TestRun {
  const exit = kind === "ended" ? number : 1;
  const count = (...forms: RegExp[]): number => {
    for (const form of forms) {
      const match = [...body.matchAll(form)].at(-1);
      if (match) return Number(match[1]);
    }
    return -1;
  };
  const passed = count(/^(?:ℹ|#) pass (\d+)/gm, /^\s*(\d+) passing/gm, /\b(\d+) passed\b/g);
  const failed = count(/^(?:ℹ|#) fail (\d+)/gm, /^\s*(\d+) failing/gm, /\b(\d+) failed\b/g);
  const isGreen = exit === 0;
  return {
    exit,
    passed,
    failed: failed === -1 && isGreen && passed >= 0 ? 0 : failed,
    trouble: isGreen ? "" : troubleOf(body),
    failing: isGreen ? [] : shortNames(readFailures(body)),
  };
}

function troubleOf(body: string): string {
  const missing = /(?:^|: )([\w@./-]+: (?:command )?not found)$/m.exec(body);
  if (missing !== null) return missing[1]!;
  const error = ERROR.exec(body) ?? /^\s*(?:✖|not ok \d+ -) [^\n]+/m.exec(body);
  return (error?.[0] ?? body.trim().split("\n").at(-1) ?? "").replace(/\s+/g, " ").trim();
}

/** Can later runs be compared with it? */
export const isCountable = (run: TestRun): boolean => run.exit === 0 || (run.passed >= 0 && run.failed >= 0);

/** Could the command not even be found? Asking again will not help. */
export const isMissing = ({ exit }: TestRun): boolean => exit === 126 || exit === 127;

/** Why a first run is no check of what comes after; null when it is one. */
export function whyNoCheck(run: TestRun): string | null {
  const needsInstall = isMissing(run) || /Cannot find (?:module|package) ['"][^./'"]/.test(run.trouble);
  const trouble = run.trouble.slice(0, 160);
  if (needsInstall && run.passed <= 0 && run.exit !== 0)
    return `${trouble || "the tests cannot be run"} (exit code ${run.exit}): install the package's dependencies first`;
  if (run.passed === 0) return `no test passes before any change (${printTestRun(run)})${trouble && `: ${trouble}`}`;
  if (isCountable(run)) return null;
  return `the tests fail before any change (exit code ${run.exit}), and I cannot count how many${trouble && `: ${trouble}`}`;
}

/** What went wrong in a run that did not before, in its own words where they can be told. */
export function newTrouble({ body }: CommandOutcome, now: TestRun, before: TestRun): string {
  if (before.exit === 0) return now.trouble;
  const isKnown = before.failed === 0 || before.failing.length > 0;
  const found = isKnown ? firstNew(body, before.failing) : null;
  if (found !== null) return found;
  const more = now.failed - before.failed;
  if (before.failed < 0 || more <= 0) return "fewer tests pass than before";
  return `${more} more test${more === 1 ? " fails" : "s fail"} than before`;
}

/** No new failure and no test lost. */
export function isAsGood(now: TestRun, before: TestRun): boolean {
  if (before.exit === 0) return now.exit === 0 && (before.passed < 0 || now.passed >= before.passed);
  if (now.exit === 0) return before.passed < 0 || now.passed >= before.passed;
  const areKnown = Math.min(now.passed, now.failed, before.passed, before.failed) >= 0;
  return areKnown && now.failed <= before.failed && now.passed >= before.passed;
}

export const printTestRun = ({ exit, passed, failed }: TestRun): string =>
  passed < 0 ? `exit code ${exit}` : `exit code ${exit}, ${passed} passed, ${Math.max(0, failed)} failed`;

/** Read what `printTestRun` wrote. */
export function parseTestRun(text: string): TestRun | null {
  const match = /exit code (\d+)(?:, (\d+) passed, (\d+) failed)?/.exec(text);
  if (match === null) return null;
  return {
    exit: Number(match[1]),
    passed: Number(match[2] ?? -1),
    failed: Number(match[3] ?? -1),
    trouble: "",
    failing: [],
  };
}
