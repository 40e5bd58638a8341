/**
 * Kill flight: one thread worked on by the real binary, which is killed (-9) again and again and resumed each time.
 *
 * Owns        when a process is killed, and what must hold after every kill and at the end.
 * Is not      the work itself: that is a course (./courses.ts).
 *
 *   exec -> kill -> resume -> kill -> … -> resume -> done        each arrow is checked
 */
import { existsSync, readFileSync, watch, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { readLog } from "../../src/archive/read-log.ts";
import type { Entry } from "../../src/thread/entry.ts";
import { isUserEntry } from "../../src/thread/thread.ts";
import { contentText, isMessage, isOutput } from "../../src/wire/item.ts";
import {
  type Ended,
  eventsOf,
  type Godwit,
  type GodwitOptions,
  OPEN,
  sessionsOf,
  startedBy,
  startGodwit,
} from "./godwit-process.ts";
import { foreignRequests, pairingFaults, phaseOf, wholeLines } from "./log-checks.ts";
import type { Random } from "./random.ts";

/** What is done in a flight, and by which model. */
export interface Course {
  readonly home: string;
  readonly options: GodwitOptions;
  readonly prompt: string;
  /** How long a run goes on before it is killed, at most. */
  readonly killWithinMs: number;
  /** Hashes of the input of all requests so far (`hashInput`). */
  sent(): readonly string[];
  /** Called at each request; replaces the listener before. */
  onRequest(listener: () => void): void;
  /** What is wrong with what was done, in the end. */
  faults(entries: readonly Entry[]): string[];
  /** How it ended, in a word or two. */
  outcome(entries: readonly Entry[]): string;
  close(): Promise<void>;
}

export interface Kill {
  /** What it was doing, by its log. */
  readonly phase: string;
  /** Only godwit, or all that it had started too. */
  readonly whom: "alone" | "all";
  /** What was waited for: some time, or something that happened. */
  readonly after: string;
  /** Was the end of the log torn by us then, as a power cut does? */
  readonly isTorn: boolean;
}

export interface FlightReport {
  readonly kills: readonly Kill[];
  readonly faults: readonly string[];
  readonly folds: number;
  readonly outcome: string;
  /** Calls that were told as completed and whose output was not in the log when the process died. */
  readonly toldEarly: number;
}

/** One process, from its start to its end. */
interface Run {
  readonly entries: Entry[];
  readonly ended: Ended;
  readonly path: string | null;
  readonly whom: Kill["whom"];
  readonly after: string;
}

/** What a dead process has left. */
interface Wreck {
  readonly path: string;
  readonly id: string;
  /** All of the log that was acknowledged. */
  readonly whole: Buffer;
  readonly isTorn: boolean;
  /** Pid in the lock; 0 = there was none. */
  readonly holder: number;
  /** Was the prompt recorded? If not, it must be said again. */
  readonly isAsked: boolean;
  /** How many outputs the log holds. */
  readonly outputs: number;
}

/** Fly to the end with at most `kills` kills. */
export async function flyWithKills(course: Course, random: Random, kills: number): Promise<FlightReport> {
  const done: Kill[] = [];
  const faults: string[] = [];
  let toldEarly = 0;
  const fly = async (wreck: Wreck | null): Promise<Run> => {
    const whom: Kill["whom"] = random.chance(0.5) ? "alone" : "all";
    const godwit = startGodwit(argsFor(course, wreck, random), course.options);
    let after = "time";
    if (done.length < kills)
      armKill({ course, random, godwit, wreck, whom }, (what) => {
        after = what;
      });
    const ended = await godwit.ended;
    const path = wreck?.path ?? sessionsOf(course.home)[0]?.path ?? null;
    const entries = path === null ? [] : [...readLog(path)];
    faults.push(...afterRun(ended, wreck, path), ...toldButLost(ended, entries));
    return { entries, ended, path, whom, after };
  };
  for (let wreck: Wreck | null = null; ; ) {
    const { entries, ended, path, whom, after } = await fly(wreck);
    if (ended.signal !== "SIGKILL") {
      faults.push(...afterEnd(ended, wreck, path), ...pairingFaults(entries), ...course.faults(entries));
      const foreign = foreignRequests(entries, course.sent());
      if (foreign > 0) faults.push(`${foreign} requests held something else than the view of the log`);
      const folds = entries.filter(({ kind }) => kind === "fold").length;
      return { kills: done, faults, folds, toldEarly, outcome: course.outcome(entries) };
    }
    const finished = eventsOf(ended.stdout).filter(isFinishedCall).length;
    toldEarly += Math.max(0, finished - (outputs(entries) - (wreck?.outputs ?? 0)));
    wreck = path === null ? null : findWreck(path, entries, random);
    done.push({ phase: phaseAt(ended, entries), whom, after, isTorn: wreck?.isTorn ?? false });
  }
}

function argsFor(course: Course, wreck: Wreck | null, random: Random): string[] {
  if (wreck === null) return ["exec", "--json", ...OPEN, course.prompt];
  const which = random.chance(0.5) ? "--last" : wreck.id;
  return ["resume", which, "--json", ...OPEN, wreck.isAsked ? "Go on." : course.prompt];
}

interface Target {
  readonly course: Course;
  readonly random: Random;
  readonly godwit: Godwit;
  readonly wreck: Wreck | null;
  readonly whom: Kill["whom"];
}

/** Kill it at a random moment: after some time, or right after something that happened. */
function armKill({ course, random, godwit, wreck, whom }: Target, tell: (after: string) => void): void {
  const kill = (after: string) => {
    if (godwit.child.killed) return;
    tell(after);
    // Its commands are in sessions of their own: a signal to its group does not reach them.
    godwit.child.kill("SIGKILL");
    if (whom === "all") for (const pid of startedBy(godwit.pid)) killOne(pid);
  };
  const way = random.pick(["time", "request", "append", "append", "call", "fold", "fold"]);
  const lateMs = random.pick([0, 0, 1, 3, 10, 40]);
  let left = random.whole(1, 6);
  const happened = () => {
    if (--left === 0) setTimeout(kill, lateMs, way).unref();
  };
  const limitMs = random.whole(100, course.killWithinMs) * (way === "fold" ? 2 : 1);
  const limit = setTimeout(kill, limitMs, "time");
  void godwit.ended.then(() => clearTimeout(limit));
  if (way === "request") course.onRequest(happened);
  else course.onRequest(() => {});
  if (way === "append" && wreck !== null) {
    const watcher = watch(wreck.path, happened);
    void godwit.ended.then(() => watcher.close());
  }
  if (way === "call") godwit.onLine((line) => line.includes('"item.started"') && happened());
  if (way === "fold") {
    left = 1;
    godwit.onLine((line) => line.includes('"item.started"') && line.includes('"compaction"') && happened());
  }
}

function killOne(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Gone by itself.
  }
}

/** After any run: nothing that was acknowledged before it is lost, and what it told of is there. */
function afterRun(ended: Ended, before: Wreck | null, path: string | null): string[] {
  if (before === null || path === null) return [];
  const isKept = readFileSync(path).subarray(0, before.whole.length).equals(before.whole);
  return isKept ? [] : [`lost entries of ${path}\n${ended.stderr}`];
}

/** Messages and folds are told after they were recorded. */
function toldButLost(ended: Ended, entries: readonly Entry[]): string[] {
  const faults: string[] = [];
  const texts = new Set(
    entries.flatMap((entry) =>
      entry.kind === "item" && isMessage(entry.item, "assistant") ? [contentText(entry.item.content)] : [],
    ),
  );
  let folds = 0;
  for (const event of eventsOf(ended.stdout)) {
    if (event.type !== "item.completed") continue;
    if (event.item.type === "agent_message" && !texts.has(event.item.text))
      faults.push(`told and lost: ${event.item.text}`);
    if (event.item.type === "compaction") folds++;
  }
  if (folds > entries.filter(({ kind }) => kind === "fold").length) faults.push("told of a fold that the log has not");
  return faults;
}

/** After a run that ended by itself: it ended well, said what it had found, and left no lock. */
function afterEnd(ended: Ended, before: Wreck | null, path: string | null): string[] {
  const faults: string[] = [];
  if (ended.code !== 0) faults.push(`exit code ${ended.code}\n${ended.stderr}${ended.stdout.slice(-2000)}`);
  if (eventsOf(ended.stdout).at(-1)?.type !== "turn.completed") faults.push("the last line is not turn.completed");
  if (before?.isTorn && !ended.stderr.includes("torn last line")) faults.push("a torn line was dropped in silence");
  if (before?.holder && !ended.stderr.includes(`took over the log from process ${before.holder}`))
    faults.push(`the lock of ${before.holder} was not taken over aloud: ${ended.stderr}`);
  if (path !== null && existsSync(`${path}.lock`)) faults.push("the lock is still there");
  return faults;
}

/** Look at what is left; now and then add what only a power cut leaves: a torn last line. */
function findWreck(path: string, entries: readonly Entry[], random: Random): Wreck {
  const found = readFileSync(path);
  const whole = wholeLines(found);
  if (random.chance(0.2) && found.length === whole.length && whole.length > 0) {
    const line = whole.subarray(whole.lastIndexOf(10, whole.length - 2) + 1);
    const piece = line.subarray(0, random.whole(1, line.length - 2));
    writeFileSync(path, Buffer.concat([piece, Buffer.from(random.chance(0.3) ? "\n" : "")]), { flag: "a" });
  }
  const isTorn = readFileSync(path).length > whole.length;
  const id = basename(path, ".jsonl");
  const isAsked = entries.some(isUserEntry);
  return { path, id, whole, isTorn, holder: holderOf(path), isAsked, outputs: outputs(entries) };
}

function holderOf(path: string): number {
  try {
    return (JSON.parse(readFileSync(`${path}.lock`, "utf8")) as { pid: number }).pid;
  } catch {
    return 0;
  }
}

const outputs = (entries: readonly Entry[]): number =>
  entries.filter((entry) => entry.kind === "item" && isOutput(entry.item)).length;

const isFinishedCall = (event: ReturnType<typeof eventsOf>[number]): boolean =>
  event.type === "item.completed" && (event.item.type === "command_execution" || event.item.type === "file_change");

function phaseAt(ended: Ended, entries: readonly Entry[]): string {
  const folds = eventsOf(ended.stdout).filter(
    (event) => (event.type === "item.started" || event.type === "item.completed") && event.item.type === "compaction",
  );
  return folds.at(-1)?.type === "item.started" ? "fold" : phaseOf(entries);
}

/** Wait until none of these processes' commands is left; returns those that stay. */
export async function awaitGone(pids: readonly number[], ms: number): Promise<number[]> {
  for (const end = performance.now() + ms; ; ) {
    const left = pids.flatMap(startedBy);
    if (left.length === 0 || performance.now() > end) return left;
    await wait(50);
  }
}
