/**
 * Plan patch: what a patch makes of the files it names, worked out in memory.
 *
 * Owns        what an operation needs of the world: which files must exist, and of what sort.
 * Is not      a writer (./write-files.ts). Reads files, changes none.
 * Invariants  1. A later operation sees what an earlier one of the same patch did.
 *             2. Bytes that are not UTF-8 survive: such a file is worked on byte by byte, as Latin-1.
 */
import { isUtf8 } from "node:buffer";
import { constants, type Stats } from "node:fs";
import { access, lstat, readFile, readlink, realpath, stat } from "node:fs/promises";
import { dirname, isAbsolute, relative, resolve, sep } from "node:path";
import type { FileChange } from "../../thread/entry.ts";
import { applyHunks } from "./apply-hunks.ts";
import { explainMisses, type Missed, SHOWN_LINES } from "./explain.ts";
import type { AddFile, DeleteFile, Hunk, Operation, UpdateFile } from "./parse-patch.ts";

/** What is to be done to one file on disk, links followed. */
export interface Write {
  readonly path: string;
  /** New content, or null when the file goes. */
  readonly content: Buffer | null;
  /** What stands there now, or whose mode the file takes; null for a new one. */
  readonly like: Stats | null;
  readonly exists: boolean;
}

export type Plan =
  | { readonly kind: "plan"; readonly writes: readonly Write[]; readonly changes: readonly FileChange[] }
  /** One sentence or more for each thing that is in the way. */
  | { readonly kind: "problems"; readonly problems: readonly string[] };

interface Slot {
  readonly path: string;
  readonly before: Stats | null;
  like: Stats | null;
  content: Buffer | null;
  touched: boolean;
}

interface State {
  readonly cwd: string;
  readonly slots: Map<string, Slot>;
  readonly changes: FileChange[];
  /** How many lines of files may still be shown in explanations. */
  room: number;
}

/** Work out all operations. A single problem leaves no plan; all that can be found are told together. */
export async function planPatch(operations: readonly Operation[], cwd: string): Promise<Plan> {
  const state: State = { cwd, slots: new Map(), changes: [], room: SHOWN_LINES };
  const problems: string[] = [];
  for (const operation of operations) {
    const problem = await plan(operation, state).catch((error: unknown) => osProblem(operation.path, error));
    if (problem !== null) problems.push(problem);
  }
  if (problems.length > 0) return { kind: "problems", problems };
  const writes = [...state.slots.values()]
    .filter((slot) => slot.touched && (slot.content !== null || slot.before !== null))
    .map(({ path, content, like, before }) => ({ path, content, like, exists: before !== null }));
  return { kind: "plan", writes, changes: state.changes };
}

function plan(operation: Operation, state: State): Promise<string | null> {
  switch (operation.kind) {
    case "add":
      return planAdd(operation, state);
    case "delete":
      return planDelete(operation, state);
    case "update":
      return planUpdate(operation, state);
    default:
      return operation satisfies never;
  }
}

async function planAdd({ path, lines, finalNewline }: AddFile, state: State): Promise<string | null> {
  const slot = await open(path, state);
  if (typeof slot === "string") return slot;
  const text = lines.join("\n");
  put(slot, Buffer.from(lines.length > 0 && finalNewline ? `${text}\n` : text), slot.like);
  note(state, { path: shown(path, state.cwd), change: "add" });
  return null;
}

async function planDelete({ path }: DeleteFile, state: State): Promise<string | null> {
  const lexical = resolve(state.cwd, path);
  const link = await lstat(lexical).catch(missing);
  // A link goes itself; what it points to stays.
  const slot = link?.isSymbolicLink() ? slotFor(lexical, link, state) : await open(path, state);
  if (typeof slot === "string") return slot;
  if (slot.content === null && !(slot.before?.isSymbolicLink() && !slot.touched)) {
    return `${path}: no such file, so it cannot be deleted.`;
  }
  put(slot, null, null);
  note(state, { path: shown(path, state.cwd), change: "delete" });
  return null;
}

async function planUpdate(operation: UpdateFile, state: State): Promise<string | null> {
  const { path, hunks, movedTo } = operation;
  const slot = await open(path, state);
  if (typeof slot === "string") return slot;
  if (slot.content === null) return `${path}: no such file, so it cannot be updated.`;
  const made = apply(slot.content, hunks);
  if ("misses" in made) {
    const text = explainMisses(path, hunks.length, made, state.room);
    state.room -= text.split("\n").length;
    return text;
  }
  if (movedTo === null) {
    put(slot, made.content, slot.like);
    note(state, { path: shown(path, state.cwd), change: "update" });
    return null;
  }
  const target = await open(movedTo, state);
  if (typeof target === "string") return target;
  const link = await lstat(resolve(state.cwd, path)).catch(missing);
  if (target !== slot) {
    const gone = link?.isSymbolicLink() ? slotFor(resolve(state.cwd, path), link, state) : slot;
    const like = slot.like;
    put(gone, null, null);
    put(target, made.content, like);
  } else put(slot, made.content, slot.like);
  note(state, { path: shown(path, state.cwd), change: "update", movedTo: shown(movedTo, state.cwd) });
  return null;
}

type Made = { readonly content: Buffer } | Missed;

/** invariant 2 */
function apply(content: Buffer, hunks: readonly Hunk[]): Made {
  const encoding = isUtf8(content) ? "utf8" : "latin1";
  const encode = (text: string): string => (encoding === "utf8" ? text : Buffer.from(text).toString("latin1"));
  const decode = (text: string): string => (encoding === "utf8" ? text : Buffer.from(text, "latin1").toString());
  const coded = encoding === "utf8" ? hunks : hunks.map((hunk) => encodeHunk(hunk, encode));
  const applied = applyHunks(content.toString(encoding), coded);
  if (applied.kind === "applied") return { content: Buffer.from(applied.text, encoding) };
  const misses = applied.misses.map((miss) => ({ ...miss, wanted: miss.wanted.map(decode) }));
  return { misses, lines: applied.lines.map(decode) };
}

const encodeHunk = (hunk: Hunk, encode: (text: string) => string): Hunk => ({
  ...hunk,
  context: hunk.context.map(encode),
  lines: hunk.lines.map(({ mark, text }) => ({ mark, text: encode(text) })),
});

/** The slot of a file, links followed and content read; or why it cannot be worked on. */
async function open(path: string, state: State): Promise<Slot | string> {
  const real = await follow(resolve(state.cwd, path));
  const known = state.slots.get(real);
  if (known) return known;
  const stats = await stat(real).catch(missing);
  if (stats?.isDirectory()) return `${path}: is a folder; a patch works on files only.`;
  if (stats && !stats.isFile()) return `${path}: is not a regular file.`;
  if (stats) await access(real, constants.W_OK);
  else if (!(await isPossible(real, state))) return `${path}: a part of its path is a file, not a folder.`;
  const slot = slotFor(real, stats, state);
  slot.content = stats ? await readFile(real) : null;
  return slot;
}

function slotFor(path: string, before: Stats | null, state: State): Slot {
  const slot = state.slots.get(path) ?? { path, before, like: before, content: null, touched: false };
  state.slots.set(path, slot);
  return slot;
}

function put(slot: Slot, content: Buffer | null, like: Stats | null): void {
  slot.content = content;
  slot.like = like;
  slot.touched = true;
}

/** Can the file be made: is each part above it a folder, or nothing yet, now and after this patch? */
async function isPossible(path: string, state: State): Promise<boolean> {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const slot = state.slots.get(folder);
    if (slot) return slot.content === null;
    const stats = await stat(folder).catch(missing);
    if (stats) return stats.isDirectory();
    if (folder === dirname(folder)) return true;
  }
}

/** The place a path stands for: links followed, also where the last one points at nothing yet. */
async function follow(path: string, hops = 0): Promise<string> {
  const real = await realpath(path).catch(() => null);
  if (real !== null || hops > 40) return real ?? path;
  const target = await readlink(path).catch(() => null);
  if (target !== null) return follow(resolve(dirname(path), target), hops + 1);
  const folder = dirname(path);
  return folder === path
    ? path
    : resolve(await follow(folder, hops + 1), path.slice(folder.length).replace(/^[/\\]+/, ""));
}

function note(state: State, change: FileChange): void {
  const isKnown = state.changes.some((known) => JSON.stringify(known) === JSON.stringify(change));
  if (!isKnown) state.changes.push(change);
}

/** Relative to the working directory inside it, absolute elsewhere. */
function shown(path: string, cwd: string): string {
  const absolute = resolve(cwd, path);
  const inside = relative(cwd, absolute);
  const isOutside = inside === "" || inside === ".." || inside.startsWith(`..${sep}`) || isAbsolute(inside);
  return isOutside ? absolute : inside;
}

function missing(error: unknown): null {
  const code = codeOf(error);
  if (code === "ENOENT" || code === "ENOTDIR") return null;
  throw error;
}

export const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | null)?.code;

const OS_WORDS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "it is on a read-only file system",
  ENOSPC: "no space left on the disk",
  EDQUOT: "the disk quota is used up",
  ELOOP: "its links go round in a circle",
  ENAMETOOLONG: "its name is too long",
  ENOTDIR: "a part of its path is a file, not a folder",
};

/** What the operating system said, in one sentence. */
export function osProblem(path: string, error: unknown): string {
  const code = codeOf(error);
  if (code === undefined) throw error; // a fault of ours
  return `${path}: ${OS_WORDS[code] ?? (error as Error).message}.`;
}
