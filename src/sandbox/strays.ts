/** Strays: what the commands of a godwit left running when it was killed and could not end them. */
import { existsSync, readFileSync } from "node:fs";
import { oneLine } from "../kit/cut.ts";
import { findTree } from "./tree.ts";

export interface Stray {
  readonly pid: number;
  /** Its command line, cut. */
  readonly command: string;
}

/**
 * Processes that still carry the mark of a dead godwit.
 *
 * @param pid that godwit's; empty when the number is in use again, as the mark may be the new one's then
 */
export function straysOf(pid: number): Stray[] {
  if (existsSync(`/proc/${pid}`)) return [];
  return findTree({ leaders: [], mark: `${pid.toString(36)}-` }).map(({ pid }) => ({ pid, command: commandOf(pid) }));
}

function commandOf(pid: number): string {
  try {
    return oneLine(readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim(), 60);
  } catch {
    return "gone by now";
  }
}
