/**
 * Parse patch: the text of a patch, as a list of operations on files.
 *
 * Owns        the patch format: which line may stand where.
 * Is not      what happens to a file (./apply-hunks.ts); reads no file.
 * Invariants  1. Every operation and hunk knows its line in the patch, counted from 1.
 *             2. What is accepted beyond the format changes no meaning: empty lines around it, a heredoc or a
 *                code fence about it, an empty line for an empty context line, unified-diff numbers after "@@".
 * Format      *** Begin Patch, then operations, then *** End Patch. An operation is
 *             *** Add File: P with "+" lines | *** Delete File: P |
 *             *** Update File: P, perhaps *** Move to: Q, then hunks: "@@" or "@@ line above", lines that start
 *             with " ", "-" or "+", perhaps *** End of File.
 */
export interface HunkLine {
  readonly mark: " " | "-" | "+";
  readonly text: string;
}

export interface Hunk {
  /** Its first line in the patch. */
  readonly line: number;
  /** Lines named after "@@", each to be found below the one before. */
  readonly context: readonly string[];
  readonly lines: readonly HunkLine[];
  /** It must end where the file ends. */
  readonly atEnd: boolean;
  /** Set when the patch says whether the file then ends in a line break. */
  readonly finalNewline?: boolean;
}

export interface AddFile {
  readonly kind: "add";
  readonly path: string;
  readonly line: number;
  readonly lines: readonly string[];
  readonly finalNewline: boolean;
}

export interface DeleteFile {
  readonly kind: "delete";
  readonly path: string;
  readonly line: number;
}

export interface UpdateFile {
  readonly kind: "update";
  readonly path: string;
  readonly line: number;
  readonly movedTo: string | null;
  readonly hunks: readonly Hunk[];
}

export type Operation = AddFile | DeleteFile | UpdateFile;

/** Where the patch stops being one, and what should stand there. */
export interface BadPatch {
  readonly kind: "bad";
  readonly line: number;
  readonly message: string;
}

export type Parsed = { readonly kind: "patch"; readonly operations: readonly Operation[] } | BadPatch;

const HEADER = /^\*\*\* (Add|Delete|Update) File:[ \t]*(.*?)\s*$/;
const MOVE = /^\*\*\* Move to:[ \t]*(.*?)\s*$/;
const END_OF_FILE = /^\*\*\* End of File\s*$/;
const NO_NEWLINE = /^\\ No newline/i;
const UNIFIED = /^ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@/;
const OPERATION = '"*** Add File: PATH", "*** Delete File: PATH", "*** Update File: PATH" or "*** End Patch"';

interface Cursor {
  readonly lines: readonly string[];
  at: number;
}

/**
 * Parse a whole patch.
 *
 * @returns the operations in their order, at least one; or the first line that does not fit.
 */
export function parsePatch(text: string): Parsed {
  const cursor: Cursor = { lines: patchLines(text), at: 0 };
  skipEmpty(cursor);
  const around = /^(?:<<-?\s*['"]?(\w+)['"]?|(`{3})\w*)$/.exec(here(cursor).trim());
  if (around) cursor.at++;
  skipEmpty(cursor);
  if (here(cursor).trim() !== "*** Begin Patch") return bad(cursor, 'expected "*** Begin Patch"');
  cursor.at++;

  const operations: Operation[] = [];
  for (;;) {
    skipEmpty(cursor);
    const line = here(cursor);
    if (line.trim() === "*** End Patch") break;
    const header = HEADER.exec(line);
    if (!header) return bad(cursor, `expected ${OPERATION}`);
    const [, verb, path] = header as unknown as [string, "Add" | "Delete" | "Update", string];
    if (path === "") return bad(cursor, `expected a path after "*** ${verb} File:"`);
    const operation = verb === "Add" ? parseAdd(cursor, path) : verb === "Update" ? parseUpdate(cursor, path) : null;
    if (operation?.kind === "bad") return operation;
    operations.push(operation ?? { kind: "delete", path, line: ++cursor.at });
  }
  if (operations.length === 0) return bad(cursor, "the patch is empty: expected at least one file operation");
  cursor.at++;
  skipEmpty(cursor);
  if (around && here(cursor).trim() === (around[1] ?? around[2])) cursor.at++;
  skipEmpty(cursor);
  if (cursor.at < cursor.lines.length) return bad(cursor, 'expected nothing after "*** End Patch"');
  return { kind: "patch", operations };
}

function parseAdd(cursor: Cursor, path: string): AddFile | BadPatch {
  const line = ++cursor.at;
  const lines: string[] = [];
  let finalNewline = true;
  for (; !atHeader(cursor); cursor.at++) {
    const text = here(cursor);
    if (NO_NEWLINE.test(text)) finalNewline = false;
    else if (text.startsWith("+")) lines.push(text.slice(1));
    else if (text === "") lines.push("");
    else return bad(cursor, `expected "+" before each line of the new file ${path}`);
  }
  for (let last = cursor.at - 1; lines.length > 0 && cursor.lines[last] === ""; last--) lines.pop();
  return { kind: "add", path, line, lines, finalNewline };
}

function parseUpdate(cursor: Cursor, path: string): UpdateFile | BadPatch {
  const line = ++cursor.at;
  const move = MOVE.exec(here(cursor));
  if (move) {
    if (move[1] === "") return bad(cursor, 'expected a path after "*** Move to:"');
    cursor.at++;
  }
  const hunks: Hunk[] = [];
  for (;;) {
    skipEmpty(cursor);
    if (atHeader(cursor)) break;
    const hunk = parseHunk(cursor);
    if ("kind" in hunk) return hunk;
    hunks.push(hunk);
  }
  const movedTo = move?.[1] ?? null;
  if (hunks.length === 0 && movedTo === null) {
    return bad(cursor, `the update of ${path} is empty: expected "@@" and lines that start with " ", "-" or "+"`);
  }
  return { kind: "update", path, line, movedTo, hunks };
}

function parseHunk(cursor: Cursor): Hunk | BadPatch {
  const line = cursor.at + 1;
  const context: string[] = [];
  for (; here(cursor).startsWith("@@"); cursor.at++) {
    const text = here(cursor).slice(2).replace(UNIFIED, "").replace(/^ /, "").trimEnd();
    if (text !== "") context.push(text);
  }
  const lines: HunkLine[] = [];
  let finalNewline: boolean | undefined;
  for (; !atHeader(cursor) && !here(cursor).startsWith("@@"); cursor.at++) {
    const text = here(cursor);
    const mark = text === "" ? " " : text[0];
    if (mark === " " || mark === "-" || mark === "+") lines.push({ mark, text: text.slice(1) });
    else if (NO_NEWLINE.test(text)) finalNewline = lines.at(-1)?.mark === "-";
    else if (END_OF_FILE.test(text)) break;
    else return bad(cursor, 'expected "@@", or a line that starts with " " (kept), "-" (removed) or "+" (added)');
  }
  // Empty lines before the next header are there for the eye; real context would have its space.
  for (let last = cursor.at - 1; lines.length > 0 && cursor.lines[last] === ""; last--) lines.pop();
  if (lines.length === 0) return bad(cursor, 'the hunk is empty: expected lines that start with " ", "-" or "+"');
  const atEnd = END_OF_FILE.test(here(cursor));
  if (atEnd) cursor.at++;
  return { line, context, lines, atEnd, ...(finalNewline === undefined ? {} : { finalNewline }) };
}

/** A line that ends what stands before it; the end of the text is one. */
function atHeader(cursor: Cursor): boolean {
  const line = cursor.lines[cursor.at];
  return line === undefined || (line.startsWith("***") && !END_OF_FILE.test(line));
}

/** The patch's lines; CRs go when the patch as a whole was sent with CRLF, and stay where they are content. */
function patchLines(text: string): string[] {
  const lines = text.split("\n");
  const begin = lines.find((line) => line.includes("*** Begin Patch"));
  return begin?.endsWith("\r") ? lines.map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line)) : lines;
}

const here = (cursor: Cursor): string => cursor.lines[cursor.at] ?? "";

function skipEmpty(cursor: Cursor): void {
  while (cursor.at < cursor.lines.length && here(cursor).trim() === "") cursor.at++;
}

function bad(cursor: Cursor, message: string): BadPatch {
  const line = cursor.lines[cursor.at];
  const got = line === undefined ? "the end of the patch" : `"${line.length > 120 ? `${line.slice(0, 119)}…` : line}"`;
  return { kind: "bad", line: Math.min(cursor.at + 1, cursor.lines.length), message: `${message}, got ${got}` };
}
