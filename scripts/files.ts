/** Files: what the checks look at below a folder. */
import { type Dirent, readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";

/** Paths of all files below root/folder, relative to root, sorted; none when the folder is missing. */
export function filesBelow(root: string, folder: string, skipped: readonly string[] = ["node_modules"]): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(join(root, folder), { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  const found: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !skipped.includes(entry.name)) found.push(...filesBelow(root, path, skipped));
    if (entry.isFile()) found.push(relative(root, join(root, path)).split(sep).join("/"));
  }
  return found;
}

/** Print problems as a check does, and say with the exit code whether there are any. */
export function report(problems: readonly string[], whenNone: string): void {
  console.log(problems.length === 0 ? whenNone : problems.join("\n"));
  if (problems.length > 0) process.exitCode = 1;
}
