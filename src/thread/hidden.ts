/** Hidden: which entries a revert or an undo has taken back. */
import type { Entry, RevertEntry, UndoEntry } from "./entry.ts";

export type Control = RevertEntry | UndoEntry;
export type Hidden = "reverted" | "undone" | null;

export const isControl = (entry: Entry): entry is Control => entry.kind === "revert" || entry.kind === "undo";

/**
 * Tell for each `seq` whether it is hidden. A revert hides everything after `to` up to itself, older controls
 * included; a control that is hidden has no effect.
 *
 * @param controls all reverts and undos of the log, oldest first
 */
export function hiddenBy(controls: readonly Control[]): (seq: number) => Hidden {
  const ranges: { after: number; through: number }[] = [];
  const undone = new Set<number>();
  const isReverted = (seq: number) => ranges.some(({ after, through }) => seq > after && seq <= through);
  for (const control of controls.toReversed()) {
    if (isReverted(control.seq)) continue;
    if (control.kind === "revert") ranges.push({ after: control.to, through: control.seq });
    else undone.add(control.fold);
  }
  return (seq) => (isReverted(seq) ? "reverted" : undone.has(seq) ? "undone" : null);
}
