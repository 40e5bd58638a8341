/**
 * Convert: one CommonJS file as an ES module, or the reason why not.
 *
 * Owns        the order of the parts: what blocks, imports, exports, the place of what is new, the last check.
 * Is not      a bundler or a guesser: it changes what it understands and leaves every other byte alone.
 * Invariants  1. A text that is returned parses as a module.
 *             2. Comments, blank lines and statements that need no change stay byte for byte.
 */
import { addedLines } from "./added-lines.ts";
import { applyEdits, type Edit } from "./edits.ts";
import { planExports } from "./export-side.ts";
import { Blocked, type Conversion, type Facts } from "./facts.ts";
import { type ImportSide, planImports } from "./import-side.ts";
import { Names } from "./names.ts";
import { isFunction, type Node, nameOf, readSyntax, type Syntax } from "./syntax.ts";

type Parse = typeof import("acorn").parse;

/**
 * Convert one file. Does not look at the disk: `facts` says what the required modules are.
 *
 * @returns `converted` with the text and notes for people, or `blocked` with a reason in plain words.
 */
export async function convert(source: string, facts: Facts): Promise<Conversion> {
  const { parse } = await import("acorn");
  const syntax = readSyntax(source, parse);
  if (typeof syntax === "string") return { kind: "blocked", reason: `cannot be parsed: ${syntax}` };
  try {
    return assemble(syntax, facts, parse);
  } catch (error) {
    if (error instanceof Blocked) return { kind: "blocked", reason: error.message };
    throw error;
  }
}

function assemble(syntax: Syntax, facts: Facts, parse: Parse): Conversion {
  refuse(syntax);
  const names = new Names(syntax.all.map(({ node }) => nameOf(node)));
  const imports = planImports(syntax, facts, names);
  const exports = planExports(syntax, facts, names, imports.edits);
  const edits = [...exports, ...imports.edits, ...strictEdits(syntax)];
  const added = addedLines(syntax, imports, facts, names);
  if (added.length > 0) edits.push(place(syntax, imports, added));
  const text = applyEdits(syntax.source, edits);
  try {
    parse(text, { ecmaVersion: "latest", sourceType: "module", allowHashBang: true });
  } catch (error) {
    return { kind: "blocked", reason: `would not parse as a module: ${(error as Error).message}` };
  }
  return { kind: "converted", text, notes: imports.notes };
}

const GLOBALS = ["require", "module", "exports", "__dirname", "__filename"];

/** What no module can do. */
function refuse({ all, bound }: Syntax): void {
  for (const name of GLOBALS) if (bound.has(name)) throw new Blocked(`declares a "${name}" of its own`);
  for (const { node, above } of all) {
    const isOuter = !above.some((outer) => isFunction(outer) && outer.type !== "ArrowFunctionExpression");
    if (node.type === "ReturnStatement" && !above.some(isFunction)) throw new Blocked("returns at the top of the file");
    if (node.type === "ThisExpression" && isOuter && !above.some((outer) => outer.type === "ClassBody")) {
      throw new Blocked("uses this at the top of the file");
    }
    if (nameOf(node) === "arguments" && isOuter) throw new Blocked("uses arguments at the top of the file");
    if (node.type === "WithStatement") throw new Blocked("uses with");
    if (/^(?:Import|Export)\w*Declaration$/.test(node.type)) throw new Blocked("is an ES module already");
  }
}

/** `"use strict"` says nothing in a module: it goes, with its line and the blank one behind. */
function strictEdits({ source, body }: Syntax): Edit[] {
  const strict = body.find((statement) => statement.directive === "use strict");
  if (strict === undefined) return [];
  const rest = /^[ \t]*\r?\n(?:[ \t]*\r?\n)?/.exec(source.slice(strict.end));
  return [{ start: strict.start, end: strict.end + (rest?.[0].length ?? 0), text: "" }];
}

/** Behind the first imports; in a file without any, before its first statement. */
function place({ source, body, comments }: Syntax, { end }: ImportSide, lines: readonly string[]): Edit {
  if (end >= 0) return { start: end, end, text: `\n${lines.join("\n")}` };
  const first = body.find((statement) => typeof statement.directive !== "string");
  const at = first === undefined ? source.length : startWithDoc(first, source, comments);
  return { start: at, end: at, text: `${lines.join("\n")}\n\n` };
}

/** Where a statement begins, its own `/** … *\/` included. */
function startWithDoc(first: Node, source: string, comments: Syntax["comments"]): number {
  const doc = comments.findLast((one) => one.end <= first.start);
  const isOwn = doc && source.startsWith("/**", doc.start) && source.slice(doc.end, first.start).trim() === "";
  return isOwn ? doc.start : first.start;
}
