/** Uses: every place where a file sets or reads what it exports, or the reason why that has no equal in a module. */
import { Blocked } from "./facts.ts";
import { child, children, type Found, literalOf, type Node, nameOf, propertyOf, type Syntax } from "./syntax.ts";

/** `exports.name = value;` at the top of the file. */
export interface Given {
  readonly name: string;
  readonly value: Node;
  readonly statement: Node;
  /** `exports` or `module.exports`, as it stands there. */
  readonly holder: Node;
}

/** `exports.name` read somewhere. */
export interface Read {
  readonly name: string;
  readonly node: Node;
}

/** `module.exports = value;` at the top of the file. */
export interface Whole {
  readonly value: Node;
  readonly statement: Node;
}

export interface Uses {
  readonly wholes: readonly Whole[];
  readonly given: readonly Given[];
  readonly reads: readonly Read[];
  /** `module.exports` itself, where it is used as a value. */
  readonly bare: readonly Node[];
}

/** Read all uses of `exports` and `module`. @throws {Blocked} */
export function readUses(syntax: Syntax): Uses {
  const uses: Mutable<Uses> = { wholes: [], given: [], reads: [], bare: [] };
  for (const found of syntax.references) {
    const name = nameOf(found.node);
    if (name === "exports") readUse(found.node, found.above, uses);
    if (name !== "module" || isMainTest(found)) continue;
    const [outer, ...rest] = found.above;
    if (outer!.type !== "MemberExpression" || outer!.object !== found.node) throw new Blocked("uses module as a value");
    if (propertyOf(outer!) !== "exports") throw new Blocked(`uses module.${propertyOf(outer!) || "[…]"}`);
    readUse(outer!, rest, uses);
  }
  if (uses.wholes.length > 0 && uses.given.some(({ holder }) => holder.type === "Identifier")) {
    throw new Blocked("sets exports.… beside module.exports, which is lost in CommonJS");
  }
  return uses;
}

function isMainTest({ above }: Found): boolean {
  const outer = above[0]!;
  if (outer.type !== "BinaryExpression") return false;
  return [child(outer, "left"), child(outer, "right")].some(
    (side) => side?.type === "MemberExpression" && propertyOf(side) === "main",
  );
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer U)[] ? U[] : T[K] };

function readUse(node: Node, above: readonly Node[], uses: Mutable<Uses>): void {
  const outer = above[0]!;
  if (outer.type === "AssignmentExpression" && outer.left === node) return readWhole(outer, above, uses);
  if (outer.type !== "MemberExpression" || outer.object !== node) {
    if (node.type === "Identifier") throw new Blocked("uses exports as a value");
    uses.bare.push(node);
    return;
  }
  const name = propertyOf(outer);
  if (name === "") throw new Blocked("sets or reads exports under a computed name");
  const next = above[1]!;
  if (next.type === "AssignmentExpression" && next.left === outer) {
    const statement = above[2]!;
    if (next.operator !== "=" || statement.type !== "ExpressionStatement" || above[3]!.type !== "Program") {
      throw new Blocked(`sets exports.${name} inside a function, a condition or another expression`);
    }
    const value = child(next, "right")!;
    uses.given.push({ name, value, statement, holder: node });
    return;
  }
  if (next.type === "UpdateExpression" || (next.type === "UnaryExpression" && next.operator === "delete")) {
    throw new Blocked(`changes exports.${name} after it was set`);
  }
  uses.reads.push({ name, node: outer });
}

function readWhole(assignment: Node, above: readonly Node[], uses: Mutable<Uses>): void {
  const statement = above[1]!;
  if (assignment.operator !== "=" || statement.type !== "ExpressionStatement" || above[2]!.type !== "Program") {
    throw new Blocked("sets module.exports inside a function, a condition or another expression");
  }
  if (nameOf(child(assignment, "left")) === "exports") throw new Blocked("sets exports itself");
  const value = child(assignment, "right")!;
  if (value.type === "AssignmentExpression") throw new Blocked("sets module.exports and exports in one go");
  uses.wholes.push({ value, statement });
}

/** The properties of an object literal, or null where one of them has no name of its own. */
export function plainProperties(value: Node): readonly Node[] | null {
  const properties = children(value, "properties");
  const isPlain = (one: Node): boolean =>
    one.type === "Property" && one.kind === "init" && one.computed !== true && keyName(one) !== "";
  return properties.every(isPlain) ? properties : null;
}

export const keyName = (property: Node): string => {
  const key = child(property, "key");
  return nameOf(key) || (literalOf(key) ?? "");
};
