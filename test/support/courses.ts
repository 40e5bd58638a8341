/** Courses: what is flown under kills. A scripted model whose effects can be counted, and a real migration. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import type { Entry } from "../../src/thread/entry.ts";
import { contentText, isCall, isMessage, isOutput } from "../../src/wire/item.ts";
import { writeConfig } from "./godwit-process.ts";
import type { Course } from "./kill-flight.ts";
import { hashInput } from "./log-checks.ts";
import type { Random } from "./random.ts";
import { type Answer, call, calls, createGate, gated, type Reply, say, startScriptedModel } from "./scripted-model.ts";

/**
 * A model that asks for `length` effects. Each has a name that was never used before and leaves it, when it runs,
 * as one line of a file: a call that ran twice stands there twice, one that ran before it was recorded has no entry.
 */
export async function scriptedCourse(root: string, random: Random, length: number): Promise<Course> {
  const project = join(root, "project");
  const effects = join(root, "effects.txt");
  const journal = join(project, "journal.txt");
  mkdirSync(project, { recursive: true });
  writeFileSync(journal, "begin\n");
  writeFileSync(effects, "");
  let issued = 0;
  let onRequest = () => {};
  const sent: string[] = [];
  const model = await startScriptedModel((body): Reply => {
    sent.push(hashInput(body.input));
    onRequest();
    if (issued >= length) return say("Finished.");
    const list = Array.from({ length: random.pick([1, 1, 1, 2, 3]) }, () => effectCall(random, ++issued, effects));
    const answer = random.chance(0.3) ? calls([say(`Now ${issued}.`), ...list]) : calls(list);
    return random.chance(0.5) ? answer : slow(answer, random);
  });
  const home = join(root, "home");
  writeConfig(home, model.url, "model_context_window = 9000\n");
  return {
    home,
    options: { cwd: project, env: { PATH: process.env.PATH ?? "", HOME: root, GODWIT_HOME: home } },
    prompt: `Do ${length} things.`,
    killWithinMs: 1300,
    sent: () => sent,
    onRequest: (listener) => {
      onRequest = listener;
    },
    faults: (entries) => effectFaults(entries, linesOf(effects), linesOf(journal).slice(1)),
    outcome: () => "all effects done",
    close: () => model.close(),
  };
}

/** An answer that stops somewhere for a moment. */
function slow(answer: Answer, random: Random): Reply {
  const gate = createGate();
  const ms = random.whole(5, 60);
  gate.reached.then(() => setTimeout(gate.open, ms));
  return gated(gate, random.whole(0, 8), answer);
}

/** One effect; its name is its call id. */
function effectCall(random: Random, n: number, effects: string): Answer {
  const id = `effect-${n}`;
  if (random.chance(0.2)) {
    const patch = `*** Begin Patch\n*** Update File: journal.txt\n@@\n+${id}\n*** End Patch`;
    return call("apply_patch", { patch }, { id });
  }
  const leave = `echo ${id} >> '${effects}'`;
  const nap = `sleep 0.${random.whole(1, 15).toString().padStart(2, "0")}`;
  const cmd = random.pick([
    leave,
    `${nap}; ${leave}`,
    `${leave}; ${nap}`,
    `${leave}; seq 1 ${random.whole(100, 900)}`,
    `seq 1 ${random.whole(900, 2500)}; ${leave}`,
    `seq 1 ${random.whole(900, 2500)}; ${leave}`,
    `trap '' TERM; ${nap}; ${leave}; exit 3`,
  ]);
  // Some outlive their call and go on as a session.
  if (random.chance(0.1)) return call("exec_command", { cmd: `sleep 0.4; ${cmd}`, yield_time_ms: 250 }, { id });
  return call("exec_command", { cmd }, { id });
}

function effectFaults(entries: readonly Entry[], run: readonly string[], patched: readonly string[]): string[] {
  const faults: string[] = [];
  const begun = new Set(entries.flatMap((entry) => (entry.kind === "effect" ? [entry.call] : [])));
  const names = new Map<string, string>();
  for (const [id, times] of countOf([...run, ...patched])) {
    if (times > 1) faults.push(`${id} had its effect ${times} times`);
    if (!begun.has(id)) faults.push(`${id} had an effect and is not in the log as begun`);
  }
  const seen = new Set([...run, ...patched]);
  for (const entry of entries) {
    if (entry.kind !== "item") continue;
    if (isCall(entry.item)) names.set(entry.item.call_id, entry.item.name);
    if (!isOutput(entry.item)) continue;
    const { call_id: id, output } = entry.item;
    const isDone = names.get(id) === "apply_patch" ? entry.result?.ok : contentText(output).startsWith("exit code");
    if (isDone && !seen.has(id)) faults.push(`${id} is answered as done and had no effect`);
    if (seen.has(id) && contentText(output).includes("not run"))
      faults.push(`${id} had an effect and is told as not run`);
  }
  return faults;
}

function countOf(list: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const one of list) counts.set(one, (counts.get(one) ?? 0) + 1);
  return counts;
}

const linesOf = (path: string): string[] => readFileSync(path, "utf8").split("\n").slice(0, -1);

export interface RehearsalOptions {
  /** The package to migrate: it is copied. */
  readonly from: string;
  readonly limit: number;
  readonly killWithinMs: number;
}

/** A real migration, by the rehearsal model in a process of its own. */
export async function rehearsalCourse(root: string, { from, limit, killWithinMs }: RehearsalOptions): Promise<Course> {
  const project = join(root, "project");
  cpSync(from, project, { recursive: true });
  const env = { PATH: `${dirname(process.execPath)}:${process.env.PATH ?? ""}`, HOME: root };
  for (const words of [
    ["init", "-q"],
    ["add", "-A"],
    ["commit", "-q", "-m", "Before"],
  ]) {
    const identity = ["-c", "user.name=godwit", "-c", "user.email=godwit@localhost"];
    const { status, stderr } = spawnSync("git", [...identity, ...words], { cwd: project, env, encoding: "utf8" });
    if (status !== 0) throw new Error(`git ${words[0]}: ${stderr}`);
  }
  let onRequest = () => {};
  const sent: string[] = [];
  const server = await startServer(limit, (hash) => {
    sent.push(hash);
    onRequest();
  });
  const home = join(root, "home");
  writeConfig(home, server.url, `model_context_window = ${limit}\n`);
  return {
    home,
    options: { cwd: project, env: { ...env, GODWIT_HOME: home } },
    prompt: "Migrate this package from CommonJS to ES modules. Keep every test green.",
    killWithinMs,
    sent: () => sent,
    onRequest: (listener) => {
      onRequest = listener;
    },
    faults: (entries) => packageFaults(project, env, hasGivenUp(entries)),
    outcome: (entries) => (hasGivenUp(entries) ? "migration given up, and said" : "migrated"),
    close: async () => {
      server.child.stdin?.end();
    },
  };
}

/** The planner has little patience with tests that are interrupted; that it stops is its own business, if it says so. */
const hasGivenUp = (entries: readonly Entry[]): boolean =>
  entries.some(
    (entry) =>
      entry.kind === "item" &&
      isMessage(entry.item, "assistant") &&
      contentText(entry.item.content).includes("Stopped early"),
  );

/** A package must work in the end, and be migrated, or left with a word. */
function packageFaults(project: string, env: Readonly<Record<string, string>>, isGivenUp: boolean): string[] {
  const { status, stdout } = spawnSync("npm", ["test", "--silent"], { cwd: project, env, encoding: "utf8" });
  const { type } = JSON.parse(readFileSync(join(project, "package.json"), "utf8")) as { type?: string };
  return [
    ...(status === 0 ? [] : [`the package's tests fail: ${stdout.slice(-1500)}`]),
    ...(type === "module" || isGivenUp ? [] : ["the package is not migrated, and nothing was said"]),
  ];
}

async function startServer(
  limit: number,
  onRequest: (hash: string) => void,
): Promise<{ url: string; child: ChildProcess }> {
  const script = resolve(import.meta.dirname, "rehearsal-process.ts");
  const child = spawn(process.execPath, [script, String(limit)], { stdio: ["pipe", "pipe", "inherit"] });
  const first = Promise.withResolvers<string>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    const [word, value = ""] = line.split(" ");
    if (word === "url") first.resolve(value);
    else onRequest(value);
  });
  child.once("exit", (code) => first.reject(new Error(`the rehearsal server ended with ${code}`)));
  return { url: await first.promise, child };
}
