/** Where config files lie. */
import { statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";

export type Env = Readonly<Record<string, string | undefined>>;

export const CONFIG_FILE = "config.toml";

/** `GODWIT_HOME`, or `.godwit` in the user's home; it need not exist. */
export function godwitHome(env: Env, cwd: string): string {
  const named = env.GODWIT_HOME ?? "";
  return named === "" ? join(env.HOME || homedir(), ".godwit") : resolve(cwd, named);
}

/**
 * The project's config: the nearest `.godwit/config.toml` from a folder up to the root of its git checkout. Outside of
 * one only the folder itself is looked at; the user's own home is never a project's.
 *
 * @returns the file's path, or null when there is none
 */
export function projectConfig(cwd: string, home: string): string | null {
  let found: string | null = null;
  for (let at = resolve(cwd); ; at = dirname(at)) {
    const file = join(at, ".godwit", CONFIG_FILE);
    if (found === null && isThere(file) && !isSame(dirname(file), home)) found = file;
    if (isThere(join(at, ".git"))) return found;
    if (dirname(at) === at) break;
  }
  // No checkout: what was found further up is nobody's project.
  return found === join(resolve(cwd), ".godwit", CONFIG_FILE) ? found : null;
}

/** Something that cannot be looked at is there: reading it will say why it cannot be read. */
function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EACCES";
  }
}

function isSame(a: string, b: string): boolean {
  if (a === b) return true;
  const [first, second] = [a, b].map((path) => statSync(path, { throwIfNoEntry: false }));
  return first !== undefined && second !== undefined && first.ino === second.ino && first.dev === second.dev;
}
