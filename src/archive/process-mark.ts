/** Which process is meant, beyond doubt: pids are used again, and start anew with the machine. */
import { readFileSync } from "node:fs";
import { errnoOf } from "./archive-error.ts";

export interface ProcessMark {
  readonly pid: number;
  /** When it started: on Linux in ticks since the machine did, elsewhere in seconds since 1970. */
  readonly started: number;
  /** Which run of the machine; null where the system does not tell. */
  readonly boot: string | null;
}

let own: ProcessMark | null = null;

/** The mark of this process. */
export function ownMark(): ProcessMark {
  own ??= {
    pid: process.pid,
    started: readStat(process.pid)?.started ?? Math.round(performance.timeOrigin / 1000),
    boot: bootId(),
  };
  return own;
}

/** Does the marked process still run? In doubt, yes. */
export function isAlive(mark: ProcessMark): boolean {
  const boot = bootId();
  if (mark.boot !== null && boot !== null && mark.boot !== boot) return false;
  const stat = readStat(mark.pid);
  if (stat !== null) return stat.started === mark.started && stat.state !== "Z" && stat.state !== "X";
  if (!exists(mark.pid)) return false;
  const started = process.platform === "linux" ? null : startedByPs(mark.pid);
  // `ps` tells whole seconds, and a process is a little older than its clock.
  return started === null || Math.abs(started - mark.started) <= 2;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) !== "ESRCH";
  }
}

function readStat(pid: number): { state: string; started: number } | null {
  if (process.platform !== "linux") return null;
  try {
    // The name in parentheses may hold anything; the state is the first field behind it, the start the 20th.
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { state: fields[0] ?? "", started: Number(fields[19]) };
  } catch {
    return null;
  }
}

function bootId(): string | null {
  if (process.platform !== "linux") return null;
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
  } catch {
    return null;
  }
}

function startedByPs(pid: number): number | null {
  try {
    // Loaded only where it is needed: it costs more than all the rest of this room.
    const { execFileSync } = process.getBuiltinModule("node:child_process");
    const text = execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8", env: { LC_ALL: "C" } });
    const ms = Date.parse(text.trim());
    return Number.isNaN(ms) ? null : ms / 1000;
  } catch {
    return null;
  }
}
