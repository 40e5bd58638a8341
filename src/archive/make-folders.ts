/** Folders for logs, for their owner alone. */
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { errnoOf } from "./archive-error.ts";

/**
 * Make a folder and those above it where they are missing.
 *
 * Not by `mkdirSync` with `recursive`: on a read-only disk that says ENOENT, and the user would look for the wrong thing.
 *
 * @returns the topmost folder that was made, or undefined when all were there
 */
export function makeFolders(folder: string): string | undefined {
  try {
    return make(folder);
  } catch (error) {
    if (errnoOf(error) !== "ENOENT" || dirname(folder) === folder) throw error;
  }
  const above = makeFolders(dirname(folder));
  const made = make(folder);
  return above ?? made;
}

function make(folder: string): string | undefined {
  try {
    mkdirSync(folder, { mode: 0o700 });
    return folder;
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return undefined;
    throw error;
  }
}
