/** Resolve: what the files a module requires are, as the survey saw them. */
import { isBuiltin } from "node:module";
import { posix } from "node:path";
import type { Facts, Target } from "./facts.ts";
import { isAtLeast, rulesOutBelow } from "./least-node.ts";
import type { SurveyFile, SurveyHead } from "./survey.ts";

export interface Surroundings {
  readonly head: SurveyHead;
  readonly files: ReadonlyMap<string, SurveyFile>;
  /** Files that stay CommonJS. */
  readonly left: ReadonlySet<string>;
}

/** The facts for converting one file; specifiers are looked up as the file's text has them. */
export function factsFor(file: SurveyFile, source: string, around: Surroundings): Facts {
  const modules: Record<string, Target> = {};
  for (const match of source.matchAll(/require\s*\(\s*(["'`])([^"'`\n]+)\1\s*\)/g)) {
    const specifier = match[2]!;
    const target = targetFor(file, specifier, around);
    if (target !== null) modules[specifier] = target;
  }
  const { node, engines } = around.head;
  return {
    modules,
    self: file.shape,
    // What is good here need not be good where the package runs: only its own word counts.
    hasImportMetaMain: engines !== null && rulesOutBelow(engines, 24, 2) && isAtLeast(node, 24, 2),
    hasImportMetaFilename: engines === null || rulesOutBelow(engines, 20, 11),
    servesRequire: file.isEntry,
  };
}

function targetFor(file: SurveyFile, specifier: string, { files, left }: Surroundings): Target | null {
  if (!/^\.\.?(?:\/|$)/.test(specifier)) return { kind: isBuiltin(specifier) ? "builtin" : "package", specifier };
  const base = posix.join(posix.dirname(file.path), specifier);
  const found = file.deps.find(
    (dep) => dep.specifier === specifier || [base, `${base}.js`, `${base}.json`, `${base}.cjs`].includes(dep.path),
  );
  if (found === undefined || found.path === "?") return null;
  const relative = posix.relative(posix.dirname(file.path), found.path);
  const written = relative.startsWith(".") ? relative : `./${relative}`;
  if (found.path.endsWith(".json")) return { kind: "json", specifier: written };
  const target = files.get(found.path);
  if (target === undefined) return null;
  // Of a file that stays CommonJS an ES module sees one value for certain: the default import.
  const isCommon = target.kind === "cjs-by-name" || left.has(target.path);
  return { kind: isCommon ? "package" : target.shape, specifier: written };
}
