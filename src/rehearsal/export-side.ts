/**
 * Export side: what a file gives away, read from its assignments and written as exports.
 *
 * Owns        which forms of `exports` have an equal in a module. All others block the file, with a plain reason.
 * Is not      the decision between names and one value: the importers' expectation (`facts.self`) makes that.
 * Invariants  1. A name is exported once, from the top level, with the value it had there.
 */
import { type Edit, slice } from "./edits.ts";
import { Blocked, type Facts } from "./facts.ts";
import { planNames } from "./named-exports.ts";
import type { Names } from "./names.ts";
import { child, type Node, nameOf, type Syntax } from "./syntax.ts";
import { readUses, type Uses, type Whole } from "./uses.ts";

/**
 * Plan the edits that turn a file's exports into export declarations.
 *
 * @param inner edits already planned inside the file; texts that are moved carry them along.
 * @throws {Blocked} when a use of `exports` or `module` has no equal in a module.
 */
export function planExports(syntax: Syntax, facts: Facts, names: Names, inner: readonly Edit[]): readonly Edit[] {
  const uses = readUses(syntax);
  const [whole, second] = uses.wholes;
  if (second !== undefined) throw new Blocked("sets module.exports more than once");
  if (whole === undefined && uses.given.length === 0) {
    if (uses.reads.length + uses.bare.length > 0) throw new Blocked("reads its exports but sets none");
    return [];
  }
  if (whole !== undefined && facts.self !== "named") return planDefault(syntax, whole, uses, { facts, names, inner });
  if (uses.bare.length > 0) throw new Blocked("uses module.exports as a value");
  if (facts.self === "default") throw new Blocked("its importers expect one value and it sets names");
  return planNames(syntax, whole ?? null, uses, { names, inner });
}

/** `module.exports = value` as a default export; what is set upon it later is set upon the value. */
function planDefault(syntax: Syntax, whole: Whole, uses: Uses, plan: DefaultPlan): readonly Edit[] {
  const { value, statement } = whole;
  const { facts, names, inner } = plan;
  if (uses.given.some((one) => one.statement.start < statement.start))
    throw new Blocked("sets module.exports after its parts");
  if (uses.bare.some((node) => within(node, statement)))
    throw new Blocked("uses module.exports to make module.exports");
  const upon = [
    ...uses.bare,
    ...uses.given.map((one) => one.holder),
    ...uses.reads.map(({ node }) => child(node, "object")!),
  ];
  const needsName = upon.length > 0 || facts.servesRequire === true;
  const own = value.type === "Identifier" ? nameOf(value) : ownName(value, syntax);
  const name = own || (needsName ? names.fresh("main", "Export") : "");
  const renamed = upon.map((node) => ({ start: node.start, end: node.end, text: name }));
  const text = slice(syntax.source, value.start, value.end, [...inner, ...renamed]);
  const isDeclared = value.type === "FunctionExpression" || value.type === "ClassExpression";
  const semicolon = syntax.source[statement.end - 1] === ";" ? ";" : "";
  const isDirect = own !== "" || name === "";
  const first = isDirect
    ? `export default ${text}${isDeclared ? "" : semicolon}`
    : `const ${name} = ${text}${semicolon}\nexport default ${name}${semicolon}`;
  const served = facts.servesRequire === true ? `\nexport { ${name} as "module.exports" }${semicolon}` : "";
  return [{ start: statement.start, end: statement.end, text: first + served }, ...renamed];
}

interface DefaultPlan {
  readonly facts: Facts;
  readonly names: Names;
  readonly inner: readonly Edit[];
}

const within = (node: Node, outer: Node): boolean => node.start >= outer.start && node.end <= outer.end;

/** The own name of a function or class expression, if nothing else in the file is called so. */
function ownName(value: Node, syntax: Syntax): string {
  if (value.type !== "FunctionExpression" && value.type !== "ClassExpression") return "";
  const name = nameOf(child(value, "id"));
  return syntax.bound.get(name) === 1 ? name : "";
}
