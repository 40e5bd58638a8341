/**
 * ProcessTree: how much memory a process and its descendants take at most, looked up in /proc while they run.
 *
 * Is not      exact: pages that two processes share count twice, and what comes and goes between two looks is missed.
 * Invariants  1. A child counts from the second look on: between fork and exec it shows its parent's pages as its own.
 */
import { readdirSync, readFileSync } from "node:fs";

const PAGE_BYTES = 4096;
const TICKS_PER_SECOND = 100;

/** Peak of the summed resident memory, in bytes; 0 where there is no /proc. */
export class ProcessTree {
  peakBytes = 0;
  readonly #root: number;
  readonly #seen = new Set<number>();

  constructor(root: number) {
    this.#root = root;
  }

  look(): void {
    const all = readdirOf("/proc").flatMap((name) =>
      /^\d+$/.test(name) ? (readStat(`/proc/${name}/stat`) ?? []) : [],
    );
    const live = new Set([this.#root]);
    // A child's number is mostly larger than its parent's, so one walk in order finds nearly all of them at once.
    for (const { pid, parent } of all.sort((a, b) => a.pid - b.pid)) if (live.has(parent)) live.add(pid);
    let sum = 0;
    for (const { pid, residentBytes } of all) {
      if (!live.has(pid)) continue;
      if (pid === this.#root || this.#seen.has(pid)) sum += residentBytes;
      this.#seen.add(pid);
    }
    this.peakBytes = Math.max(this.peakBytes, sum);
  }
}

interface Stat {
  readonly pid: number;
  readonly parent: number;
  readonly residentBytes: number;
  /** Of the children it waited for, and theirs. */
  readonly childrenMs: number;
}

/** Processor time of all processes that this one has waited for, and of those they waited for, in milliseconds. */
export const childrenCpuMs = (): number => readStat("/proc/self/stat")?.childrenMs ?? 0;

function readStat(path: string): Stat | null {
  try {
    return parseStat(readFileSync(path, "latin1"));
  } catch {
    return null; // gone meanwhile, or no /proc
  }
}

/** One line of /proc/PID/stat. The name stands in brackets and may hold anything. Source: proc(5). */
export function parseStat(line: string): Stat {
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  const number = (field: number) => Number(fields[field - 3]);
  return {
    pid: Number.parseInt(line, 10),
    parent: number(4),
    residentBytes: number(24) * PAGE_BYTES,
    childrenMs: ((number(16) + number(17)) * 1000) / TICKS_PER_SECOND,
  };
}

function readdirOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
