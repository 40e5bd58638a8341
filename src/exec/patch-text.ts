/**
 * Patch text: what a patch says it does, read for showing it.
 *
 * Is not      the parser that applies patches (tools/). This one never refuses: what it does not know, it leaves out.
 */
import type { FileChange } from "../thread/entry.ts";

export interface PatchLine {
  readonly kind: "file" | "hunk" | "added" | "removed" | "same";
  readonly text: string;
}

const HEADER = /^\*\*\* (Add|Update|Delete) File: (.+)$/;

/** The lines of a patch between its marks. */
export function patchLines(patch: string): PatchLine[] {
  const lines: PatchLine[] = [];
  for (const line of bodyLines(patch)) {
    const header = HEADER.exec(line);
    if (header !== null) lines.push({ kind: "file", text: `${header[1]?.toLowerCase()} ${header[2]?.trim()}` });
    else if (line.startsWith("*** Move to: ")) lines.push({ kind: "file", text: `move to ${line.slice(13).trim()}` });
    else if (line.startsWith("*** ")) continue;
    else if (line.startsWith("@@")) lines.push({ kind: "hunk", text: line });
    else if (line.startsWith("+")) lines.push({ kind: "added", text: line });
    else if (line.startsWith("-")) lines.push({ kind: "removed", text: line });
    else lines.push({ kind: "same", text: line });
  }
  return lines;
}

/** The files a patch names, in its order, with the paths as they stand there. */
export function patchChanges(patch: string): FileChange[] {
  const changes: FileChange[] = [];
  for (const line of bodyLines(patch)) {
    const header = HEADER.exec(line);
    const last = changes.at(-1);
    if (header !== null) {
      changes.push({ path: String(header[2]).trim(), change: String(header[1]).toLowerCase() as FileChange["change"] });
    } else if (line.startsWith("*** Move to: ") && last !== undefined) {
      changes[changes.length - 1] = { ...last, movedTo: line.slice(13).trim() };
    }
  }
  return changes;
}

function bodyLines(patch: string): string[] {
  const lines = patch.split(/\r?\n/);
  const begin = lines.findIndex((line) => line.trim() === "*** Begin Patch");
  const end = lines.findIndex((line, index) => index > begin && line.trim() === "*** End Patch");
  return lines.slice(begin + 1, end === -1 ? undefined : end);
}
