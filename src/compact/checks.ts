/** Checks: which commands judge the work (tests, linters, type checkers, builds), as data. */

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

/** The simple command in `command` that is a check, as it was written, or null. */
export function checkIn(command: string): string | null {
  for (const part of command.split(/&&|\|\||;|\n|\|/)) {
    const words = part.trim().replace(/^((\w+=\S*|env|time|timeout \S+|sudo|exec|command) +)+/, "");
    if (CHECKS.some(([, pattern]) => pattern.test(words))) return words.replace(/ +[0-9]*>.*$/, "").trim();
  }
  return null;
}

/** Is the exit status of the whole that of the check, or may a later command have hidden it? */
export function hidesExit(command: string): boolean {
  const at = checkIn(command);
  if (at === null) return false;
  const rest = command.slice(command.indexOf(at) + at.length).replace(/[0-9]*>(&[0-9]|\S+)/g, "");
  return /\||;|\n/.test(rest.trim());
}
