/**
 * Import side: what becomes of every `require` of a file, and of the globals only CommonJS has.
 *
 * Owns        the choice between an import at the top and `createRequire`: what was loaded late for the sake of
 *             a circle becomes an import (its bindings are live), what may fail or is named at run time stays a call.
 * Invariants  1. Only the require expressions and declarations themselves are touched.
 */
import type { Edit } from "./edits.ts";
import { Blocked, type Facts, type Target } from "./facts.ts";
import { type Names, nameFor } from "./names.ts";
import {
  child,
  children,
  type Found,
  isFunction,
  literalOf,
  type Node,
  nameOf,
  propertyOf,
  type Syntax,
} from "./syntax.ts";

export interface ImportSide {
  readonly edits: readonly Edit[];
  /** Imports that have no place of their own yet. */
  readonly hoisted: readonly string[];
  /** Does the file still call `require`? */
  readonly keepsRequire: boolean;
  /** The function that tells whether the file was started itself; empty when nobody asks. */
  readonly mainTest: string;
  /** `__filename` and `__dirname`, where they are kept and must be made. */
  readonly globals: ReadonlySet<string>;
  readonly notes: readonly string[];
  /** Where the last import of the first run of imports ends; -1 when there is none. */
  readonly end: number;
}

interface Work {
  readonly syntax: Syntax;
  readonly facts: Facts;
  readonly names: Names;
  readonly edits: Edit[];
  readonly hoisted: Map<string, { name: string; text: string }>;
  readonly taken: Set<Node>;
  readonly ends: number[];
  readonly notes: string[];
  readonly globals: Set<string>;
  mainTest: string;
  keepsRequire: boolean;
}

/** Plan the edits of all requires. @throws {Blocked} when one of them has no equal in a module. */
export function planImports(syntax: Syntax, facts: Facts, names: Names): ImportSide {
  const work: Work = {
    syntax,
    facts,
    names,
    edits: [],
    hoisted: new Map(),
    taken: new Set(),
    ends: [],
    notes: [],
    globals: new Set(),
    mainTest: "",
    keepsRequire: false,
  };
  for (const statement of syntax.body) planStatement(statement, work);
  for (const found of syntax.references) planReference(found, work);
  const { edits, notes, keepsRequire, mainTest, globals } = work;
  const hoisted = [...work.hoisted.values()].map(({ text }) => text).filter((text) => text !== "");
  return { edits, hoisted, keepsRequire, mainTest, globals, notes, end: endOfFirstRun(work) };
}

/** A statement that is nothing but requires becomes imports in its place. */
function planStatement(statement: Node, work: Work): void {
  if (statement.type === "ExpressionStatement") {
    const call = child(statement, "expression")!;
    const target = targetOf(call, work);
    if (target === null) return;
    replaceStatement(statement, [importLine("", target, call, work)], work);
    work.taken.add(child(call, "callee")!);
    return;
  }
  if (statement.type !== "VariableDeclaration") return;
  const lines: string[] = [];
  const callees: Node[] = [];
  const wholes: [string, string][] = [];
  for (const declarator of children(statement, "declarations")) {
    const init = child(declarator, "init");
    const call = init?.type === "MemberExpression" ? child(init, "object") : init;
    const target = call ? targetOf(call, work) : null;
    const line = target && declaration(declarator, init!, target, work);
    if (!line) return;
    lines.push(line);
    callees.push(child(call!, "callee")!);
    const name = init === call ? nameOf(child(declarator, "id")) : "";
    if (name !== "" && work.syntax.bound.get(name) === 1) wholes.push([target.specifier, name]);
  }
  replaceStatement(statement, lines, work);
  for (const [specifier, name] of wholes) work.hoisted.set(specifier, { name, text: "" });
  for (const callee of callees) work.taken.add(callee);
}

/** `x = require(s)`, `{ a, b: c } = require(s)` or `x = require(s).y` as an import; null for anything else. */
function declaration(declarator: Node, init: Node, target: Target, work: Work): string | null {
  const id = child(declarator, "id")!;
  const call = init.type === "MemberExpression" ? child(init, "object")! : init;
  const hasNames = target.kind === "named" || target.kind === "both" || target.kind === "builtin";
  if (id.type === "Identifier" && work.syntax.written.has(nameOf(id))) return null;
  if (init.type === "MemberExpression") {
    if (id.type !== "Identifier" || !hasNames || init.computed === true) return null;
    return importLine(`{ ${pair(propertyOf(init), nameOf(id))} }`, target, call, work);
  }
  if (id.type === "Identifier") {
    const whole = isNamespace(target) ? `* as ${nameOf(id)}` : nameOf(id);
    return importLine(whole, target, call, work);
  }
  if (id.type !== "ObjectPattern") return null;
  const properties = children(id, "properties");
  const isPlain = properties.every(
    (one) => one.type === "Property" && one.computed !== true && child(one, "value")?.type === "Identifier",
  );
  if (
    !isPlain ||
    properties.length === 0 ||
    properties.some((one) => work.syntax.written.has(nameOf(child(one, "value"))))
  ) {
    return null;
  }
  if (!hasNames) return null;
  const pairs = properties.map((one) => pair(keyOf(one), nameOf(child(one, "value"))));
  return importLine(`{ ${pairs.join(", ")} }`, target, call, work);
}

const keyOf = (property: Node): string => nameOf(child(property, "key")) || String(child(property, "key")?.value);
const pair = (from: string, to: string): string =>
  from === to ? from : `${/^[\w$]+$/.test(from) ? from : JSON.stringify(from)} as ${to}`;
const isNamespace = (target: Target): boolean => target.kind === "named" || target.kind === "none";

function replaceStatement(statement: Node, lines: readonly string[], work: Work): void {
  const semicolon = work.syntax.source[statement.end - 1] === ";" ? ";" : "";
  work.edits.push({ start: statement.start, end: statement.end, text: `${lines.join(`${semicolon}\n`)}${semicolon}` });
  work.ends.push(statement.end);
}

function importLine(what: string, target: Target, call: Node, work: Work): string {
  const quote = work.syntax.source[children(call, "arguments")[0]!.start] === '"' ? '"' : "'";
  const from = `${quote}${target.specifier}${quote}`;
  const json = target.kind === "json" ? ` with { type: ${quote}json${quote} }` : "";
  return what === "" ? `import ${from}${json}` : `import ${what} from ${from}${json}`;
}

/** The target of a require with a fixed name; null when the node is no such call. */
function targetOf(call: Node, work: Work): Target | null {
  if (call.type !== "CallExpression" || nameOf(child(call, "callee")) !== "require") return null;
  const args = children(call, "arguments");
  const specifier = args.length === 1 ? literalOf(args[0]) : null;
  if (specifier === null) return null;
  const target = work.facts.modules[specifier];
  if (target === undefined) throw new Blocked(`requires "${specifier}", which is not there`);
  return target;
}

function planReference(found: Found, work: Work): void {
  const { node, above } = found;
  if (work.taken.has(node)) return;
  const name = nameOf(node);
  if (name === "require") planRequire(found, work);
  else if (name === "__dirname" || name === "__filename") {
    if (!work.facts.hasImportMetaFilename) {
      work.globals.add(name);
      return;
    }
    const text = `import.meta.${name.slice(2)}`;
    const isShorthand = above[0]!.type === "Property" && above[0]!.shorthand === true;
    work.edits.push({ start: node.start, end: node.end, text: isShorthand ? `${name}: ${text}` : text });
  }
}

function planRequire({ node, above }: Found, work: Work): void {
  const outer = above[0]!;
  if (outer.type === "UnaryExpression") throw new Blocked("asks whether there is a require");
  if (outer.type === "MemberExpression" && outer.object === node) {
    const property = propertyOf(outer);
    if (property === "main") return planMain(outer, above[1]!, work);
    if (property !== "resolve") throw new Blocked(`uses require.${property || "[…]"}`);
  }
  const target = outer.type === "CallExpression" && outer.callee === node ? targetOf(outer, work) : null;
  if (target === null || staysCall(target, above)) {
    if (target?.kind === "default")
      throw new Blocked(`loads "${target.specifier}" inside try, and that exports one value`);
    work.keepsRequire = true;
    return;
  }
  if (above.some(isFunction)) work.notes.push(`"${target.specifier}" was loaded late and is imported at the top now`);
  const known = work.hoisted.get(target.specifier) ?? hoist(target, outer, work);
  work.edits.push({ start: outer.start, end: outer.end, text: known.name });
}

/** Loading it may fail, has effects of its own, or a package may be missing: then it is loaded when it was before. */
function staysCall(target: Target, above: readonly Node[]): boolean {
  const isTried = above.some((outer, index) => outer.type === "TryStatement" && above[index - 1] === outer.block);
  return isTried || (above.some(isFunction) && (target.kind === "package" || target.kind === "none"));
}

function hoist(target: Target, call: Node, work: Work): { name: string; text: string } {
  const name = work.names.fresh(nameFor(target.specifier), "Module");
  const line = importLine(isNamespace(target) ? `* as ${name}` : name, target, call, work);
  const made = { name, text: line };
  work.hoisted.set(target.specifier, made);
  return made;
}

function planMain(member: Node, comparison: Node, work: Work): void {
  const sides = [child(comparison, "left"), child(comparison, "right")];
  const isComparison = comparison.type === "BinaryExpression" && sides.some((side) => nameOf(side) === "module");
  if (!isComparison) throw new Blocked("uses require.main for more than a comparison with module");
  const isEqual = comparison.operator === "===" || comparison.operator === "==";
  if (!work.facts.hasImportMetaMain) work.mainTest ||= work.names.fresh("isMain", "File");
  const text = work.facts.hasImportMetaMain ? "import.meta.main" : `${work.mainTest}()`;
  work.edits.push({ start: comparison.start, end: comparison.end, text: `${isEqual ? "" : "!"}${text}` });
  for (const side of sides) if (side && side !== member) work.taken.add(side);
}

function endOfFirstRun({ syntax, ends }: Work): number {
  let end = -1;
  for (const statement of syntax.body) {
    if (typeof statement.directive === "string") continue;
    if (!ends.includes(statement.end)) break;
    end = statement.end;
  }
  return end;
}
