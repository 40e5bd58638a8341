/** Syntax: what the conversion asks of a parsed file — nodes with their ancestors, names, and where they are bound. */
type Parse = typeof import("acorn").parse;

/** A node of the ESTree, read loosely: the conversion asks for few fields of many types. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

export interface Comment {
  readonly start: number;
  readonly end: number;
}

/** A node and its ancestors, nearest first. */
export interface Found {
  readonly node: Node;
  readonly above: readonly Node[];
}

export interface Syntax {
  readonly source: string;
  readonly body: readonly Node[];
  readonly comments: readonly Comment[];
  /** Every node, in the order of the text. */
  readonly all: readonly Found[];
  /** Identifiers that stand for a value: no property names, no labels, no bindings. */
  readonly references: readonly Found[];
  /** How often a name is bound anywhere in the file. */
  readonly bound: ReadonlyMap<string, number>;
  /** Names bound at the top of the file. */
  readonly top: ReadonlySet<string>;
  /** Names that are assigned to after their declaration. */
  readonly written: ReadonlySet<string>;
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && typeof (value as Node).type === "string";

/** The child in a field, or null. */
export const child = (node: Node, field: string): Node | null => {
  const value = node[field];
  return isNode(value) ? value : null;
};
export const children = (node: Node, field: string): readonly Node[] => {
  const value = node[field];
  return Array.isArray(value) ? value.filter(isNode) : [];
};
/** The name of an identifier; empty for any other node. */
export const nameOf = (node: Node | null): string => (node?.type === "Identifier" ? String(node.name) : "");
/** The value of a text literal, or null. */
export function literalOf(node: Node | null | undefined): string | null {
  if (node?.type === "Literal" && typeof node.value === "string") return node.value;
  if (node?.type !== "TemplateLiteral" || children(node, "expressions").length > 0) return null;
  const cooked = (children(node, "quasis")[0]?.value as { cooked?: string } | undefined)?.cooked;
  return cooked ?? null;
}
/** `name` in `object.name`, or in `object["name"]`. */
export const propertyOf = (node: Node): string =>
  node.computed === true ? (literalOf(child(node, "property")) ?? "") : nameOf(child(node, "property"));

/**
 * Parse a CommonJS file.
 *
 * @returns the message of the parser when it cannot.
 */
export function readSyntax(source: string, parse: Parse): Syntax | string {
  const comments: Comment[] = [];
  let program: Node;
  try {
    program = parse(source, {
      ecmaVersion: "latest",
      sourceType: "script",
      allowReturnOutsideFunction: true,
      allowHashBang: true,
      onComment: (_block, _text, start, end) => comments.push({ start, end }),
    }) as unknown as Node;
  } catch (error) {
    return (error as Error).message;
  }
  const all: Found[] = [];
  collect(program, [], all);
  const bindings = all.filter(isBinding);
  const bound = new Map<string, number>();
  for (const { node } of bindings) bound.set(nameOf(node), (bound.get(nameOf(node)) ?? 0) + 1);
  return {
    source,
    body: children(program, "body"),
    comments,
    all,
    references: all.filter((found) => isReference(found)),
    bound,
    top: new Set(bindings.filter(isTop).map(({ node }) => nameOf(node))),
    written: new Set(all.flatMap(writes)),
  };
}

function collect(node: Node, above: readonly Node[], into: Found[]): void {
  into.push({ node, above });
  const inner = [node, ...above];
  for (const [field, value] of Object.entries(node)) {
    // A shorthand property holds one identifier twice; its value is the one that counts.
    if (field === "key" && node.shorthand === true) continue;
    if (isNode(value)) collect(value, inner, into);
    else if (Array.isArray(value)) for (const one of value) if (isNode(one)) collect(one, inner, into);
  }
}

const PATTERNS = new Set(["ObjectPattern", "ArrayPattern", "RestElement", "AssignmentPattern"]);

/** Does this identifier bind its name? Follows patterns upwards to the declaration. */
function isBinding({ node, above }: Found): boolean {
  if (node.type !== "Identifier") return false;
  let inner = node;
  for (const outer of above) {
    if (outer.type === "Property" && outer.value === inner) inner = outer;
    else if (outer.type === "AssignmentPattern" && outer.left !== inner) return false;
    else if (PATTERNS.has(outer.type)) inner = outer;
    else return binds(outer, inner);
  }
  return false;
}

function binds(outer: Node, inner: Node): boolean {
  if (outer.type === "VariableDeclarator" || outer.type.startsWith("Class")) return outer.id === inner;
  if (outer.type === "CatchClause") return outer.param === inner;
  if (isFunction(outer)) return outer.id === inner || children(outer, "params").includes(inner);
  return false;
}

/** Bound at the top of the module: no function and no block between. `var` in a block counts as inner; it is rare. */
function isTop({ node, above }: Found): boolean {
  const scopes = above.filter((outer) => isFunction(outer) || outer.type.startsWith("Class") || isBlock(outer));
  return (
    scopes.length === 0 || (scopes.length === 1 && scopes[0]!.id === node && scopes[0]!.type.endsWith("Declaration"))
  );
}

const isBlock = (node: Node): boolean =>
  ["BlockStatement", "StaticBlock", "CatchClause", "ForStatement", "ForInStatement", "ForOfStatement"].includes(
    node.type,
  );
export const isFunction = (node: Node): boolean =>
  node.type === "FunctionDeclaration" || node.type === "FunctionExpression" || node.type === "ArrowFunctionExpression";

function isReference(found: Found): boolean {
  const { node, above } = found;
  if (node.type !== "Identifier" || isBinding(found)) return false;
  const outer = above[0]!;
  if (outer.computed === true) return true;
  if (outer.type === "MemberExpression") return outer.property !== node;
  if (["Property", "MethodDefinition", "PropertyDefinition"].includes(outer.type)) return outer.key !== node;
  return !["LabeledStatement", "BreakStatement", "ContinueStatement", "MetaProperty"].includes(outer.type);
}

function writes({ node }: Found): readonly string[] {
  if (node.type === "UpdateExpression") return [nameOf(child(node, "argument"))];
  if (node.type !== "AssignmentExpression") return [];
  const left = child(node, "left");
  if (left === null || left.type === "MemberExpression") return [];
  const inner: Found[] = [];
  collect(left, [], inner);
  return inner.map((found) => nameOf(found.node)).filter((name) => name !== "");
}
