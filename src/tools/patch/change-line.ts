/** Change line: one changed file as one line of text. */
import type { FileChange } from "../../thread/entry.ts";

/** A, M or D and the path; R for a move. */
export function changeLine({ change, path, movedTo }: FileChange): string {
  if (movedTo !== undefined) return `R ${path} -> ${movedTo}`;
  return `${change === "add" ? "A" : change === "update" ? "M" : "D"} ${path}`;
}
