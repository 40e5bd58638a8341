/** Checks: which commands judge the work (tests, linters, type checkers, builds), and what their end says of it. */
import { type Outcome, verdictOf } from "./outcome.ts";
import { type SimpleCommand, simpleCommands } from "./simple-commands.ts";

/** A check is told by the words of one simple command in it; the first row that matches names it. */
const CHECKS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ["npm test", /^(npm|pnpm|yarn|bun)( run)? (test|t)(:\S+)?\b/],
  ["npm run", /^(npm|pnpm|yarn|bun) run (check|lint|build|typecheck|type-check|types|ci|verify|format|fmt)(:\S+)?\b/],
  ["node --test", /^node\b.* --test\b/],
  ["npx", /^(npx|pnpm exec|bunx|yarn) (tsc|jest|vitest|mocha|ava|eslint|biome|prettier|playwright|tsx \S*test\S*)\b/],
  ["js", /^(jest|vitest|mocha|ava|tsc|eslint|biome|prettier|tap|playwright)\b/],
  ["bun test", /^(bun|deno) (test|check|lint)\b/],
  ["python", /^(python3? -m )?(pytest|unittest|tox|nox|mypy|ruff|flake8|pyright|pylint|black)\b/],
  ["uv", /^(uv|poetry|pipenv) run (python3? -m )?(pytest|mypy|ruff|pyright|tox)\b/],
  ["go", /^(go (test|vet|build)|golangci-lint|staticcheck|gofmt)\b/],
  ["cargo", /^cargo( \+\S+)? (test|clippy|check|build|fmt|nextest)\b/],
  ["mix", /^mix (test|credo|format|compile|dialyzer|precommit)\b/],
  ["make", /^(make|just|rake|task) (\S*(test|check|lint|build|ci|verify)\S*)/],
  ["mise", /^mise (run |r )\S*(test|check|lint|fmt|build|precommit)\S*/],
  ["jvm", /^(\.\/)?(mvnw?|gradlew?|sbt)\b.*\b(test|check|verify|build)\b/],
  ["ruby", /^(bundle exec )?(rspec|rubocop|rake)\b/],
  ["php", /^(\.\/vendor\/bin\/)?(phpunit|phpstan|pest)\b/],
  ["other", /^(dotnet (test|build)|swift (test|build)|ctest|prove|zig build test|shellcheck|terraform validate)\b/],
];

export interface Check {
  /** The simple command that is the check, as it was written. */
  readonly command: string;
  /**
   * What the exit code of the whole says of it: everything; only that it passed, when it is 0; or nothing, for
   * another command may have set it, or kept the check from running.
   */
  readonly told: "all" | "pass" | "nothing";
}

/** These start a checker and judge nothing. */
const JUDGES_NOTHING = /\s--?(?:help|version|collect-only|list-?tests?|list|dry-run|show-?config|init)(?:[\s=]|$)/i;
const PREFIX = /^((\w+=\S*|env|time|timeout \S+|sudo|exec|command) +)+/;

/** The first simple command in `command` that is a check, or null. */
export function checkOf(command: string): Check | null {
  const parts = simpleCommands(command);
  for (const [index, { text }] of parts.entries()) {
    const words = text.replace(PREFIX, "");
    if (CHECKS.some(([, pattern]) => pattern.test(words)) && !JUDGES_NOTHING.test(words))
      return { command: words, told: toldOf(parts, index) };
  }
  return null;
}

function toldOf(parts: readonly SimpleCommand[], index: number): Check["told"] {
  const earlier = parts.slice(0, index);
  // `a || check`: where a worked the check never ran.
  if (earlier.at(-1)?.before === "||") return "nothing";
  const isPipefail = earlier.some(({ text }) => /^set\s.*\bpipefail\b/.test(text));
  const rest = parts.slice(index);
  let told: Check["told"] = "all";
  for (const { before } of rest.slice(0, -1)) {
    if (before !== "&&" && !(before === "|" && isPipefail)) return "nothing";
    told = "pass"; // a failure may be that of a later command
  }
  const last = rest.at(-1)?.before ?? "";
  return last === "" || last === "\n" || last === ";" ? told : "nothing";
}

/** The simple command in `command` that is a check, as it was written, or null. */
export const checkIn = (command: string): string | null => checkOf(command)?.command ?? null;

/** A program that went down, or never came up, whatever else the output says. */
const BROKEN =
  /segmentation fault|core dumped|cannot (?:find|resolve) module|could not resolve|command not found|no such file or directory|out of memory|^panic: |\bKilled\b|\bAborted\b/im;

/**
 * What is known of a check after its command has ended.
 *
 * @param text   the output as the model reads it
 * @param isOurs the outcome was recorded by code, not read from what another agent printed
 * @returns      `exit` where it is the check's own; null when nothing says for sure: it may not have run
 */
export function judge(check: Check, outcome: Outcome, text: string, isOurs: boolean): Judgement | null {
  const { exit } = outcome;
  if (exit !== null && (check.told === "all" || (check.told === "pass" && exit === 0)))
    return { state: exit === 0 ? "passed" : "failed", exit };
  const state = byOutput(check, outcome, text, isOurs);
  return state && { state, exit: null };
}

export interface Judgement {
  readonly state: "passed" | "failed";
  readonly exit: number | null;
}

function byOutput(check: Check, outcome: Outcome, text: string, isOurs: boolean): Judgement["state"] | null {
  const verdict = verdictOf(text);
  if (verdict === "failed") return "failed";
  if (outcome.exit === null) {
    // Logs of others: many of their tools print no exit code where it is 0.
    const isSilent = !isOurs && check.told === "all";
    return isSilent ? (outcome.ok ? "passed" : "failed") : null;
  }
  return verdict === "passed" && BROKEN.test(text) ? null : verdict;
}
