/**
 * Tree: which processes a command has started, and how to end them all.
 *
 * Owns        the answer to "what belongs to it": the process group, the session, all descendants, and whoever carries
 *             the mark in its environment (a daemon that left group, session and parent still does).
 * Is not      a wall. Who cleans its environment and detaches gets away; a pid namespace is what stops that.
 * Source      Linux proc(5). Elsewhere only the process group is known.
 */
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** Name of the environment variable that marks every process of a run. */
export const MARK = "GODWIT_RUN";

export interface Roots {
  /** Leaders of process groups that are known to be ours still. */
  readonly leaders: readonly number[];
  /** Start of the mark's value: of one command, or of all. */
  readonly mark: string;
}

interface ProcessInfo {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
}

/** All living processes below the roots, the roots included; empty where there is no /proc. */
export function findTree(roots: Roots): ProcessInfo[] {
  const all = readProcesses();
  const leaders = new Set(roots.leaders);
  const needle = Buffer.from(`${MARK}=${roots.mark}`);
  const found = new Set<number>();
  for (const { pid, group, session } of all) {
    if (leaders.has(pid) || leaders.has(group) || leaders.has(session) || hasMark(pid, needle)) found.add(pid);
  }
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const { pid, parent } of all) if (found.has(parent)) found.add(pid);
  }
  found.delete(process.pid);
  return all.filter(({ pid }) => found.has(pid));
}

/**
 * TERM to the whole tree; after `graceMs` KILL to what is left of it, again until nothing is.
 *
 * @effects resolves when all are dead, or after about two seconds more when the kernel does not let one die.
 */
export async function endTree(roots: Roots, graceMs: number): Promise<void> {
  let found = findTree(roots);
  signalTree(roots, found, "SIGTERM");
  await gone(roots, found, graceMs);
  for (let round = 0; round < 10; round++) {
    found = findTree(roots);
    if (found.length === 0 && !roots.leaders.some((pid) => groupLives(pid))) return;
    signalTree(roots, found, "SIGKILL");
    await gone(roots, found, 200);
  }
}

/** KILL to the whole tree, at once and without waiting: for the last moment of our own process. */
export const killTreeNow = (roots: Roots): void => signalTree(roots, findTree(roots), "SIGKILL");

/** Send a signal to a process group; false when it is gone. */
export function signalGroup(leader: number, signal: NodeJS.Signals): boolean {
  return send(-leader, signal);
}

function signalTree(roots: Roots, found: readonly ProcessInfo[], signal: NodeJS.Signals): void {
  const leaders = new Set(roots.leaders);
  for (const leader of leaders) send(-leader, signal);
  for (const { pid, group } of found) if (!leaders.has(group)) send(pid, signal);
}

async function gone(roots: Roots, found: readonly ProcessInfo[], ms: number): Promise<void> {
  const until = performance.now() + ms;
  for (let pause = 2; ; pause = Math.min(40, pause * 2)) {
    const lives = found.length > 0 ? found.some(({ pid }) => isAlive(pid)) : roots.leaders.some(groupLives);
    if (!lives || performance.now() >= until) return;
    await delay(pause);
  }
}

const groupLives = (leader: number): boolean => process.platform !== "linux" && send(-leader, 0);

function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false; // gone, or not ours
  }
}

function readProcesses(): ProcessInfo[] {
  let names: string[];
  try {
    names = readdirSync("/proc");
  } catch {
    return [];
  }
  const all = names.filter((name) => /^\d+$/.test(name)).map((name) => readProcess(Number(name)));
  return all.filter((info) => info !== null);
}

/** Null when it is dead, a zombie included. */
function readProcess(pid: number): ProcessInfo | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name stands in brackets and may hold anything, so count from the last bracket.
    const [state, parent, group, session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ", 4);
    if (state === "Z" || state === "X") return null;
    return { pid, parent: Number(parent), group: Number(group), session: Number(session) };
  } catch {
    return null;
  }
}

const isAlive = (pid: number): boolean => readProcess(pid) !== null;

function hasMark(pid: number, needle: Uint8Array): boolean {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`);
    for (let at = environment.indexOf(needle); at >= 0; at = environment.indexOf(needle, at + 1)) {
      if (at === 0 || environment[at - 1] === 0) return true;
    }
    return false;
  } catch {
    return false; // gone, or another user's
  }
}
