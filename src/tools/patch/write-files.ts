/**
 * Write files: put a plan on the disk, as nearly all-or-nothing as files allow.
 *
 * Invariants  1. All new contents stand on the disk as temporary files before the first name changes.
 *             2. A file is never seen half written, except one that can only be written in place.
 *             3. Mode stays, and owner where that is allowed.
 */
import { chmod, chown, lstat, mkdir, rename, rm, rmdir, unlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { codeOf, osProblem, type Write } from "./plan-patch.ts";

export type Written =
  | { readonly kind: "written" }
  /** `done` are the paths that were changed before it failed. */
  | { readonly kind: "failed"; readonly problem: string; readonly done: readonly string[] };

interface Staged {
  readonly write: Write;
  /** Null when the folder takes no new file and the content goes in place. */
  readonly temporary: string | null;
}

const IN_PLACE = new Set(["EACCES", "EPERM", "EROFS", "EBUSY", "EXDEV"]);

/** @effects stages, renames, deletes; a failure while staging leaves everything as it was. */
export async function writeFiles(writes: readonly Write[]): Promise<Written> {
  const staged: Staged[] = [];
  const folders: string[] = [];
  const going = writes.filter(({ content }) => content === null);
  for (const write of writes) {
    if (write.content === null) continue;
    try {
      // A file that goes may stand where a folder must: it goes when its turn comes, below.
      if (!going.some(({ path }) => write.path.startsWith(join(path, "/")))) staged.push(await stage(write, folders));
      else staged.push({ write, temporary: null });
    } catch (error) {
      await clear(staged, folders);
      return { kind: "failed", problem: osProblem(write.path, error), done: [] };
    }
  }
  return commit(staged, going, folders);
}

let count = 0;
const uniqueWord = (): string => [process.pid, Date.now(), count++].map((part) => part.toString(36)).join("-");

async function stage(write: Write, folders: string[]): Promise<Staged> {
  const folder = dirname(write.path);
  const made = await mkdir(folder, { recursive: true });
  if (made !== undefined) {
    for (let path = folder; path.length >= made.length; path = dirname(path)) folders.push(path);
  }
  const temporary = join(folder, `.${basename(write.path).slice(0, 60)}.${uniqueWord()}.tmp`);
  try {
    await writeFile(temporary, write.content as Buffer, { flag: "wx" });
    if (write.like) await dress(temporary, write.like);
    return { write, temporary };
  } catch (error) {
    await rm(temporary, { force: true });
    if (write.exists && IN_PLACE.has(codeOf(error) ?? "")) return { write, temporary: null };
    throw error;
  }
}

async function dress(path: string, like: NonNullable<Write["like"]>): Promise<void> {
  const own = await lstat(path);
  if (own.uid !== like.uid || own.gid !== like.gid) await chown(path, like.uid, like.gid).catch(() => {});
  await chmod(path, like.mode & 0o7777);
}

async function commit(staged: readonly Staged[], going: readonly Write[], folders: string[]): Promise<Written> {
  const done: string[] = [];
  const isBlocking = ({ path }: Write): boolean => staged.some(({ write }) => write.path.startsWith(join(path, "/")));
  const first = going.filter(isBlocking);
  const last = going.filter((write) => !isBlocking(write));
  let at = "";
  try {
    for (const { path } of first) {
      at = path;
      await unlink(path);
      done.push(path);
    }
    for (const item of staged) {
      at = item.write.path;
      await place(item);
      done.push(at);
    }
    for (const { path } of last) {
      at = path;
      if (!(await isAlso(path, staged))) await unlink(path);
      done.push(path);
    }
    return { kind: "written" };
  } catch (error) {
    const left = staged.filter(({ write }) => !done.includes(write.path));
    await clear(left, folders);
    return { kind: "failed", problem: osProblem(at, error), done };
  }
}

async function place({ write, temporary }: Staged): Promise<void> {
  const content = write.content as Buffer;
  if (temporary === null) {
    await mkdir(dirname(write.path), { recursive: true });
    return writeFile(write.path, content);
  }
  try {
    await rename(temporary, write.path);
  } catch (error) {
    // A file that is itself a mount point can be written, not replaced.
    if (!write.exists || !IN_PLACE.has(codeOf(error) ?? "")) throw error;
    await writeFile(write.path, content);
    await rm(temporary, { force: true });
  }
}

/** On a file system that ignores case a moved file may be its own target. */
async function isAlso(path: string, staged: readonly Staged[]): Promise<boolean> {
  const twin = staged.find(({ write }) => write.path !== path && write.path.toLowerCase() === path.toLowerCase());
  if (!twin) return false;
  const [one, other] = await Promise.all([lstat(path), lstat(twin.write.path)]);
  return one.ino === other.ino && one.dev === other.dev;
}

async function clear(staged: readonly Staged[], folders: readonly string[]): Promise<void> {
  for (const { temporary } of staged) if (temporary !== null) await rm(temporary, { force: true });
  // The deepest first; a folder that holds something stays.
  for (const folder of folders.toSorted((a, b) => b.length - a.length)) await rmdir(folder).catch(() => {});
}
