/** Named exports: `exports.x = …` and `module.exports = { … }` as export declarations. */
import { type Edit, slice } from "./edits.ts";
import { Blocked } from "./facts.ts";
import { isDeclarable, type Names } from "./names.ts";
import { child, type Found, type Node, nameOf, type Syntax } from "./syntax.ts";
import { type Given, keyName, plainProperties, type Uses } from "./uses.ts";

interface Work {
  readonly syntax: Syntax;
  readonly names: Names;
  readonly inner: readonly Edit[];
  /** Exported name -> the name that holds its value inside the file. */
  readonly local: Map<string, string>;
}

/** One name to export: a binding that is there already, or a value that needs a declaration. */
interface Entry {
  readonly name: string;
  readonly value: Node;
  /** The binding that is exported as it stands; empty when the value must be declared. */
  readonly binding: string;
  /** What stood before and behind it: comments. */
  readonly lead: string;
  readonly trail: string;
}

/** Plan the exports of a file that gives away names. @throws {Blocked} */
export function planNames(
  syntax: Syntax,
  whole: { value: Node; statement: Node } | null,
  uses: Uses,
  shared: { readonly names: Names; readonly inner: readonly Edit[] },
): readonly Edit[] {
  const local = new Map<string, string>();
  const { names } = shared;
  const inner = [...shared.inner];
  const work: Work = { syntax, names, inner, local };
  const entries = whole === null ? [] : objectEntries(whole.value, work);
  const given = uses.given.map((one) => ({ ...one, binding: bindingOf(one.value, work) }));
  for (const one of [...entries, ...given]) {
    if (local.has(one.name)) throw new Blocked(`exports "${one.name}" twice`);
    local.set(one.name, one.binding || localName(one.name, one.value, work));
  }
  const reads: Edit[] = uses.reads.map(({ name, node }) => {
    const text = local.get(name);
    if (text === undefined) throw new Blocked(`reads exports.${name}, which it never sets`);
    if ((syntax.bound.get(text) ?? 0) > 1)
      throw new Blocked(`reads exports.${name} where "${text}" may be another thing`);
    return { start: node.start, end: node.end, text };
  });
  inner.push(...reads);
  const edits = [...reads, ...groups(given, syntax.source).flatMap((group) => givenEdits(group, work))];
  if (whole !== null) edits.push(objectEdit(whole, entries, work));
  return edits;
}

/** A name bound at the top that keeps its value can be exported as it is. */
function bindingOf(value: Node, { syntax }: Work): string {
  const name = nameOf(value);
  return syntax.top.has(name) && !syntax.written.has(name) ? name : "";
}

/** The exported name itself where the file has no other use for it. */
function localName(name: string, value: Node, { syntax, names }: Work): string {
  const ownId = child(value, "id");
  const isOwn = nameOf(ownId) === name;
  const bound = syntax.bound.get(name) ?? 0;
  const outside = syntax.references.filter(
    ({ node }) => nameOf(node) === name && !(isOwn && node.start >= value.start && node.end <= value.end),
  );
  if (isDeclarable(name) && outside.length === 0 && bound === (isOwn ? 1 : 0)) return name;
  return names.fresh(`${name}_`, "Value");
}

/** Neighbours that export bindings share one export statement. */
function groups<T extends Given & { binding: string }>(given: readonly T[], source: string): T[][] {
  const all: T[][] = [];
  for (const one of given) {
    const group = all.at(-1);
    const last = group?.at(-1);
    const isNext = last && source.slice(last.statement.end, one.statement.start).trim() === "";
    if (isNext && last.binding !== "" && one.binding !== "") group!.push(one);
    else all.push([one]);
  }
  return all;
}

function givenEdits(group: readonly (Given & { binding: string })[], work: Work): Edit[] {
  const first = group[0]!;
  const start = first.statement.start;
  const end = group.at(-1)!.statement.end;
  const semicolon = work.syntax.source[end - 1] === ";" ? ";" : "";
  if (first.binding === "") return [{ start, end, text: declare(first.name, first.value, semicolon, work) }];
  const list = group.map(({ name, binding }) => pair(binding, name));
  const line = `export { ${list.join(", ")} }${semicolon}`;
  const text = line.length <= 100 ? line : `export {\n${list.map((one) => `  ${one},\n`).join("")}}${semicolon}`;
  return [{ start, end, text }];
}

const pair = (local: string, name: string): string =>
  local === name ? name : `${local} as ${/^[\w$]+$/.test(name) ? name : JSON.stringify(name)}`;

/** A declaration for a value that had no name: `export function`, `export const`, or a private name exported as another. */
function declare(name: string, value: Node, semicolon: string, work: Work): string {
  const { source } = work.syntax;
  const local = work.local.get(name)!;
  const text = slice(source, value.start, value.end, work.inner);
  const id = child(value, "id");
  const isOwn = id === null || nameOf(id) === name;
  if (local !== name) return `const ${local} = ${text};\nexport { ${pair(local, name)} }${semicolon}`;
  if (value.type === "FunctionExpression" && isOwn) {
    const from = source.indexOf("(", id?.end ?? value.start);
    return `export ${head(value, name)}${slice(source, from, value.end, work.inner)}`;
  }
  if (value.type === "ClassExpression" && isOwn) {
    const from = id?.end ?? value.start + "class".length;
    return `export class ${name}${slice(source, from, value.end, work.inner)}`;
  }
  return `export const ${name} = ${text}${semicolon}`;
}

const head = (value: Node, name: string): string =>
  `${value.async === true ? "async " : ""}function${value.generator === true ? "*" : ""} ${name}`;

function objectEntries(value: Node, work: Work): Entry[] {
  const properties = value.type === "ObjectExpression" ? plainProperties(value) : null;
  if (properties === null) throw new Blocked("exports an object whose names cannot be told from the text");
  return properties.map((property, index) => {
    const inside = child(property, "value")!;
    const { lead, trail } = around(property, [properties[index - 1], properties[index + 1]], value, work.syntax);
    return {
      name: keyName(property),
      value: property.method === true ? property : inside,
      binding: bindingOf(inside, work),
      lead,
      trail,
    };
  });
}

/** The comments that belong to a property: those above it, and those behind it on its line. */
function around(
  property: Node,
  [before, after]: readonly [Node | undefined, Node | undefined],
  object: Node,
  { source, comments }: Syntax,
) {
  const from = before?.end ?? object.start;
  const to = after?.start ?? object.end;
  const isSameLine = (a: number, b: number): boolean => !source.slice(a, b).includes("\n");
  const text = (list: readonly { start: number; end: number }[], join: string): string =>
    list.map(({ start, end }) => source.slice(start, end)).join(join);
  const above = comments.filter(
    (one) => one.start >= from && one.end <= property.start && (before === undefined || !isSameLine(from, one.start)),
  );
  const behind = comments.filter(
    (one) => one.start >= property.end && one.end <= to && isSameLine(property.end, one.start),
  );
  return { lead: text(above, "\n"), trail: text(behind, " ") };
}

function objectEdit(whole: { value: Node; statement: Node }, entries: readonly Entry[], work: Work): Edit {
  const { source } = work.syntax;
  const { start, end } = whole.statement;
  const semicolon = source[end - 1] === ";" ? ";" : "";
  const declared = entries
    .filter((one) => one.binding === "")
    .map((one) => withComments(one, objectMember(one, semicolon, work)));
  const listed = entries.filter((one) => one.binding !== "");
  const isLine = !source.slice(start, end).includes("\n");
  const pairs = listed.map((one) => pair(one.binding, one.name));
  const line = `export { ${pairs.join(", ")} }${semicolon}`;
  const isShort =
    listed.every((one) => one.lead === "" && one.trail === "") && (isLine || declared.length > 0) && line.length <= 100;
  const list = isShort
    ? line
    : `export {\n${listed.map((one) => `${withComments(one, `${pair(one.binding, one.name)},`).replace(/^/gm, "  ")}\n`).join("")}}${semicolon}`;
  const all = listed.length > 0 || declared.length === 0 ? [...declared, list] : declared;
  return { start, end, text: all.join("\n") };
}

const withComments = (entry: Entry, text: string): string =>
  `${entry.lead === "" ? "" : `${entry.lead}\n`}${text}${entry.trail === "" ? "" : ` ${entry.trail}`}`;

function objectMember(entry: Entry, semicolon: string, work: Work): string {
  const { source } = work.syntax;
  if (entry.value.type !== "Property") return outdent(declare(entry.name, entry.value, semicolon, work), entry, work);
  const method = child(entry.value, "value")!;
  const local = work.local.get(entry.name)!;
  const text = `${head(method, local)}${slice(source, method.start, method.end, work.inner)}`;
  const isSame = local === entry.name;
  return outdent(isSame ? `export ${text}` : `${text}\nexport { ${pair(local, entry.name)} }${semicolon}`, entry, work);
}

/** Take the indentation of the object off; a template literal over several lines is left alone, its text counts. */
function outdent(text: string, entry: Entry, { syntax: { source, all } }: Work): string {
  const lineStart = source.lastIndexOf("\n", entry.value.start) + 1;
  const indent = /^[ \t]*/.exec(source.slice(lineStart))![0];
  const { start, end } = entry.value;
  const isText = ({ node }: Found): boolean =>
    node.type === "TemplateElement" &&
    node.start >= start &&
    node.end <= end &&
    source.slice(node.start, node.end).includes("\n");
  if (indent === "" || all.some(isText)) return text;
  const [first, ...rest] = text.split("\n");
  return [first, ...rest.map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line))].join("\n");
}
