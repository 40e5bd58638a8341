/**
 * Order: which files are converted next, so that the tests can be green after each patch.
 *
 * Owns        two rules. A file that exports names goes before the files that require it: `require` of such a module
 *             gives the same names. A file that exports one value goes after them: an `import` of it reads the value
 *             before and after, a `require` would not.
 * Invariants  1. Files that require each other in a circle, or wait for each other by the rules, form one unit.
 */
import type { SurveyFile } from "./survey.ts";

/** The units still to be converted, in order; each unit is one patch. */
export function unitsOf(files: readonly SurveyFile[]): readonly (readonly string[])[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const imports = new Map(
    files.map((file) => [
      file.path,
      file.deps.map((dep) => dep.path).filter((path) => path !== file.path && byPath.has(path)),
    ]),
  );
  const waits = new Map<string, Set<string>>(files.map((file) => [file.path, new Set()]));
  for (const [path, deps] of imports) {
    for (const dep of deps) {
      if (byPath.get(dep)!.shape === "default") waits.get(dep)!.add(path);
      else waits.get(path)!.add(dep);
    }
  }
  for (const circle of circlesOf(imports)) {
    for (const [index, path] of circle.entries()) {
      if (circle.length > 1) waits.get(path)!.add(circle[(index + 1) % circle.length]!);
    }
  }
  return circlesOf(waits).map((unit) => [...unit].sort());
}

/** Strongly connected parts (Tarjan), each after all parts it points to. */
function circlesOf(graph: ReadonlyMap<string, Iterable<string>>): string[][] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const parts: string[][] = [];
  const visit = (node: string): void => {
    index.set(node, index.size);
    low.set(node, index.get(node)!);
    stack.push(node);
    for (const next of graph.get(node)!) {
      if (!index.has(next)) visit(next);
      if (stack.includes(next)) low.set(node, Math.min(low.get(node)!, low.get(next)!));
    }
    if (low.get(node) === index.get(node)) parts.push(stack.splice(stack.indexOf(node)));
  };
  for (const node of graph.keys()) if (!index.has(node)) visit(node);
  return parts;
}
