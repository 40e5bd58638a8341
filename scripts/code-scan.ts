/**
 * Code scan: the words, marks and strings of a TypeScript source, without its comments, and the imports among them.
 *
 * Is not      a parser: it knows as much of the grammar as is needed to tell code from text (templates with code
 *             inside, a regular expression from a division), and nothing of types.
 */
export interface Token {
  readonly kind: "word" | "mark" | "string" | "pattern" | "number";
  /** The text as written; of a string, what is between its quotes. */
  readonly text: string;
  readonly line: number;
}

export interface Import {
  readonly specifier: string;
  readonly line: number;
}

interface Cursor {
  readonly source: string;
  readonly tokens: Token[];
  at: number;
  line: number;
}

const WORD = /[\p{ID_Start}$_#@][\p{ID_Continue}$\u200c\u200d]*/uy;
const NUMBER = /\d[\w.]*/y;
const PATTERN = /\/(?![*/])(?:[^\\/[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;
/** Words after which a slash opens a pattern; after any other word it divides. */
const BEFORE_PATTERN = new Set(
  "return typeof case in of new delete void throw do else yield await instanceof extends default".split(" "),
);

/** Split a source into tokens. An unclosed string or comment ends at the end of the text. */
export function scan(source: string): Token[] {
  const cursor: Cursor = { source, tokens: [], at: source.startsWith("#!") ? lineEnd(source, 0) : 0, line: 1 };
  scanCode(cursor, false);
  return cursor.tokens;
}

/** Every module that a source names: import, export from, import() and require() of a literal, types too. */
export function importsOf(tokens: readonly Token[]): Import[] {
  const found: Import[] = [];
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index] as Token;
    if (token.kind !== "word" || isMark(tokens[index - 1], ".")) continue;
    const named = specifierAt(tokens, index);
    if (named !== null) found.push({ specifier: named.text, line: named.line });
  }
  return found;
}

export const isMark = (token: Token | undefined, text: string): boolean =>
  token?.kind === "mark" && token.text === text;
export const isWord = (token: Token | undefined, text: string): boolean =>
  token?.kind === "word" && token.text === text;

function specifierAt(tokens: readonly Token[], index: number): Token | null {
  const { text } = tokens[index] as Token;
  const next = tokens[index + 1];
  if (text === "import" || text === "require") {
    const first = isMark(next, "(") ? tokens[index + 2] : text === "import" ? next : undefined;
    if (first?.kind === "string") return first;
    if (text === "require" || isMark(next, "(") || isMark(next, ".") || isMark(next, ":")) return null;
    return afterFrom(tokens, index + 1);
  }
  if (text !== "export") return null;
  const clause = isWord(next, "type") ? tokens[index + 2] : next;
  return isMark(clause, "{") || isMark(clause, "*") ? afterFrom(tokens, index + 1) : null;
}

/** The string behind the `from` of a clause; none when the clause ends without one, as `export { a }` does. */
function afterFrom(tokens: readonly Token[], start: number): Token | null {
  let depth = 0;
  for (let index = start; index < tokens.length; index++) {
    const token = tokens[index] as Token;
    if (isMark(token, "{")) depth++;
    if (isMark(token, "}")) depth--;
    const next = tokens[index + 1];
    if (depth === 0 && isWord(token, "from") && next?.kind === "string") return next;
    if (depth === 0 && isMark(token, "}") && !isWord(next, "from")) return null;
    if (isMark(token, ";") || isMark(token, "(") || isMark(token, "=")) return null;
  }
  return null;
}

function scanCode(cursor: Cursor, isInTemplate: boolean): void {
  let depth = 0;
  while (cursor.at < cursor.source.length) {
    const char = cursor.source[cursor.at] as string;
    const next = cursor.source[cursor.at + 1];
    if (char === "\n") cursor.line++;
    if (isInTemplate && char === "}" && depth === 0) return;
    if (char === "{") depth++;
    if (char === "}") depth--;
    if (/\s/.test(char)) cursor.at++;
    else if (char === "/" && next === "/") cursor.at = lineEnd(cursor.source, cursor.at);
    else if (char === "/" && next === "*") skipTo(cursor, "*/");
    else if (char === '"' || char === "'") scanString(cursor, char);
    else if (char === "`") scanTemplate(cursor);
    else if (!(matched(cursor, WORD, "word") || matched(cursor, NUMBER, "number"))) {
      if (!(char === "/" && opensPattern(cursor.tokens) && matched(cursor, PATTERN, "pattern"))) mark(cursor, char);
    }
  }
}

function scanString(cursor: Cursor, quote: string): void {
  const start = cursor.at + 1;
  let end = start;
  while (end < cursor.source.length && cursor.source[end] !== quote && cursor.source[end] !== "\n") {
    end += cursor.source[end] === "\\" ? 2 : 1;
  }
  cursor.tokens.push({ kind: "string", text: cursor.source.slice(start, end), line: cursor.line });
  cursor.at = end + 1;
}

/** A template leaves one string token without the code in it; the code is scanned as code. */
function scanTemplate(cursor: Cursor): void {
  const { line } = cursor;
  let text = "";
  cursor.at++;
  while (cursor.at < cursor.source.length && cursor.source[cursor.at] !== "`") {
    if (cursor.source.startsWith("${", cursor.at)) {
      cursor.at += 2;
      scanCode(cursor, true);
      cursor.at++;
      continue;
    }
    const length = cursor.source[cursor.at] === "\\" ? 2 : 1;
    const part = cursor.source.slice(cursor.at, cursor.at + length);
    if (part.includes("\n")) cursor.line++;
    text += part;
    cursor.at += length;
  }
  cursor.at++;
  cursor.tokens.push({ kind: "string", text, line });
}

function opensPattern(tokens: readonly Token[]): boolean {
  const last = tokens.at(-1);
  if (last === undefined) return true;
  if (last.kind === "word") return BEFORE_PATTERN.has(last.text);
  return last.kind === "mark" && last.text !== ")" && last.text !== "]";
}

function matched(cursor: Cursor, pattern: RegExp, kind: Token["kind"]): boolean {
  pattern.lastIndex = cursor.at;
  const text = pattern.exec(cursor.source)?.[0];
  if (text === undefined) return false;
  cursor.tokens.push({ kind, text, line: cursor.line });
  cursor.at += text.length;
  return true;
}

function mark(cursor: Cursor, text: string): void {
  cursor.tokens.push({ kind: "mark", text, line: cursor.line });
  cursor.at++;
}

function skipTo(cursor: Cursor, closing: string): void {
  const found = cursor.source.indexOf(closing, cursor.at + 2);
  const end = found < 0 ? cursor.source.length : found + closing.length;
  cursor.line += cursor.source.slice(cursor.at, end).split("\n").length - 1;
  cursor.at = end;
}

function lineEnd(source: string, from: number): number {
  const end = source.indexOf("\n", from);
  return end < 0 ? source.length : end;
}
