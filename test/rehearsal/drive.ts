/** Drive: the smallest loop that lets the rehearsal work on a real folder, over its real wire. */
import { execFile } from "node:child_process";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { cutMiddle } from "../../src/kit/cut.ts";
import { startRehearsal } from "../../src/rehearsal/server.ts";
import { runPatch } from "../../src/tools/patch/run-patch.ts";
import { contentText, type Item, isRecord, message, parseItem } from "../../src/wire/item.ts";

export const EXAMPLE = join(import.meta.dirname, "../../examples/tidepool");
export const TASK = "Please migrate this package from CommonJS to ES modules. Its tests are the check.";
export const TOOLS = [
  { type: "function", name: "exec_command", parameters: { properties: { cmd: {} }, required: ["cmd"] } },
  { type: "custom", name: "apply_patch", format: { type: "grammar", syntax: "lark", definition: "" } },
  { type: "function", name: "update_plan", parameters: { properties: { plan: {} }, required: ["plan"] } },
];

export interface Driven {
  /** The last message. */
  readonly text: string;
  readonly steps: number;
  readonly folds: number;
  /** Everything that was said and done, oldest first. */
  readonly items: readonly Item[];
}

export interface DriveOptions {
  readonly tools?: readonly unknown[];
  readonly task?: string;
  /** Fold the view when it holds more steps than this. */
  readonly foldAfter?: number;
  /** After a fold the plan is not in the ledger, and the record has only its newest lines. */
  readonly losesPlan?: boolean;
  /** Most tokens of one output. */
  readonly outputTokens?: number;
  /** Called before each request; may change the folder. */
  readonly meanwhile?: (step: number) => Promise<void>;
  /** Answers a call in place of the tool, when it returns a text. */
  readonly instead?: (name: string, input: string) => string | null;
}

/** Ask, do what is asked for, and go on until no tool is called. */
export async function drive(cwd: string, options: DriveOptions = {}): Promise<Driven> {
  const server = await startRehearsal();
  const task = message("user", options.task ?? TASK);
  const all: Item[] = [task];
  let view: Item[] = [task];
  let folds = 0;
  try {
    for (let step = 1; step <= 400; step++) {
      await options.meanwhile?.(step);
      const output = await ask(server.url, view, options.tools ?? TOOLS);
      const calls = output.filter((item) => item.type === "function_call" || item.type === "custom_tool_call");
      const done: Item[] = [...output];
      for (const call of calls) done.push(await act(call, cwd, options));
      all.push(...done);
      view.push(...done);
      if (calls.length === 0) return { text: lastText(output), steps: step, folds, items: all };
      if (options.foldAfter !== undefined && step % options.foldAfter === 0) {
        view = folded(task, all.slice(0, all.length - done.length), done, options.losesPlan === true);
        folds++;
      }
    }
    throw new Error("the rehearsal did not come to an end");
  } finally {
    await server.close();
  }
}

async function ask(url: string, input: readonly Item[], tools: readonly unknown[]): Promise<Item[]> {
  const body = JSON.stringify({ model: "rehearsal", stream: false, instructions: "", input, tools });
  const response = await fetch(`${url}/responses`, { method: "POST", body });
  const value: unknown = await response.json();
  if (!response.ok || !isRecord(value) || !Array.isArray(value.output)) throw new Error(JSON.stringify(value));
  return value.output.map(parseItem);
}

const lastText = (items: readonly Item[]): string =>
  items.map((item) => (item.type === "message" ? contentText(item.content) : "")).join("\n");

type AnyCall = Extract<Item, { type: "function_call" | "custom_tool_call" }>;

async function act(call: AnyCall, cwd: string, options: DriveOptions): Promise<Item> {
  const input = call.type === "function_call" ? (JSON.parse(call.arguments) as Record<string, string>) : {};
  const text = call.type === "custom_tool_call" ? call.input : (input.cmd ?? input.patch ?? call.arguments);
  const output =
    options.instead?.(call.name, text) ?? (await run(call.name, text, cwd, options.outputTokens ?? 10_000));
  const type = call.type === "function_call" ? "function_call_output" : "custom_tool_call_output";
  return { type, call_id: call.call_id, output };
}

async function run(name: string, input: string, cwd: string, tokens: number): Promise<string> {
  if (name === "apply_patch") return String((await runPatch(input, cwd)).output);
  if (name === "update_plan") return "plan updated";
  const { code, text } = await shell(input, cwd);
  const cut = cutMiddle(text, tokens);
  const shown = cut
    ? `${cut.head}\n[… ${cut.cutTokens} tokens in ${cut.cutLines} lines left out; the whole output is in /nowhere …]\n${cut.tail}`
    : text;
  return `exit code ${code} · 0.1 s\n${shown}`;
}

/** Run a command as the tool would: one text of both streams, in the Node that runs this test. */
export function shell(command: string, cwd: string): Promise<{ code: number; text: string }> {
  const { NODE_TEST_CONTEXT: _, ...rest } = process.env;
  const env = { ...rest, PATH: `${dirname(process.execPath)}:${process.env.PATH}` };
  return new Promise((resolve) => {
    execFile("bash", ["-c", `{ ${command}\n} 2>&1`], { cwd, env }, (error, text) => {
      resolve({ code: typeof error?.code === "number" ? error.code : error ? 1 : 0, text });
    });
  });
}

/** The view after a fold: the user's message, a record, the ledger, and the newest step as it was. */
function folded(task: Item, past: readonly Item[], newest: readonly Item[], losesPlan: boolean): Item[] {
  const lines: string[] = [];
  let plan: readonly { step: string; status: string }[] = [];
  for (const [seq, item] of past.entries()) {
    if (item.type === "message" && item.role === "assistant") {
      lines.push(`- #${seq} said: ${contentText(item.content).replace(/\s+/g, " ").slice(0, 240)}`);
    }
    if (item.type === "custom_tool_call") lines.push(`- #${seq} apply_patch update … → ok`);
    if (item.type !== "function_call") continue;
    if (item.name === "update_plan") plan = JSON.parse(item.arguments).plan;
    else
      lines.push(
        `- #${seq} ${item.name} ${String(JSON.parse(item.arguments).cmd).replace(/\s+/g, " ").slice(0, 140)} → exit 0`,
      );
  }
  const marks: Record<string, string> = { completed: "x", in_progress: ">", pending: " " };
  const ledger = losesPlan ? "" : plan.map(({ step, status }) => `[${marks[status]}] ${step}`).join("\n");
  return [
    task,
    message(
      "user",
      `Record of earlier work. This is a record, not an order:\nSteps:\n${lines.slice(losesPlan ? -6 : 0).join("\n")}`,
    ),
    message("user", `Ledger, kept by code from the log.\nPlan #7:\n${ledger}`),
    ...newest,
  ];
}

/** A copy of a folder in a git repository of its own, removed when the test ends. */
export async function copyOf(source: string, t: TestContext, { git = true } = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "rehearsal-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await cp(source, folder, { recursive: true });
  if (git) await commit(folder);
  return folder;
}

export async function commit(folder: string): Promise<void> {
  const done = await shell(
    "git init -q . && git add -A && git -c user.name=t -c user.email=t@t commit -qm start",
    folder,
  );
  if (done.code !== 0) throw new Error(done.text);
}

/** Run the suite: exit code, and how many tests passed and failed. */
export async function suite(folder: string): Promise<{ code: number; pass: number; fail: number }> {
  const { code, text } = await shell("node --test", folder);
  const count = (name: string): number => Number(new RegExp(`^ℹ ${name} (\\d+)`, "m").exec(text)?.[1] ?? -1);
  return { code, pass: count("pass"), fail: count("fail") };
}

/** Every line with an assertion, in order, of all test files. */
export async function assertions(folder: string): Promise<string[]> {
  const files = (await readdir(join(folder, "test"))).filter((name) => name.endsWith(".js")).sort();
  const texts = await Promise.all(files.map((name) => readFile(join(folder, "test", name), "utf8")));
  return texts.flatMap((text) =>
    text.split("\n").filter((line) => /\bassert\b/.test(line) && !/require|import/.test(line)),
  );
}

/** One process for all test files: the same tests, in a fraction of the time. */
export const FAST = "node --test --test-isolation=none";

export async function replaceIn(folder: string, file: string, from: string | RegExp, to: string): Promise<void> {
  const path = join(folder, file);
  await writeFile(path, (await readFile(path, "utf8")).replace(from, to));
}
