/**
 * Run exec: one turn of a new or an earlier thread, shown as text or as JSON lines.
 *
 * Owns        what is refused before a request: each refusal is one sentence.
 * Is not      the turn itself (./fly.ts).
 */
import { randomBytes } from "node:crypto";
import { existsSync, fstatSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { type OpenLog, openLog } from "../archive/jsonl-log.ts";
import { openMemoryLog } from "../archive/memory-log.ts";
import { findSession, lastSession, logPath } from "../archive/sessions.ts";
import type { Config } from "../config/config.ts";
import { loadConfig } from "../config/load-config.ts";
import type { Said } from "../engine/turn-ends.ts";
import { uuid7 } from "../kit/id.ts";
import { type Args, joinPrompt, type Options } from "./args.ts";
import { chooseModel } from "./choose-model.ts";
import { compose, spillFolder, type Wish } from "./compose.ts";
import { fly } from "./fly.ts";
import { checkLastMessage } from "./last-message.ts";
import { guarded, Refused } from "./refused.ts";
import { withoutUse } from "./without-use.ts";

type Start = Extract<Args, { kind: "exec" | "resume" }>;

/** Run `godwit exec` or `godwit resume`. */
export const runExec = (args: Start): Promise<number> => guarded(() => exec(args));

async function exec(args: Start): Promise<number> {
  const { options } = args;
  const cwd = folderFor(options.cd);
  checkFolders(options.addDirs);
  checkLastMessage(options.outputLastMessage);
  const config = await configFor(cwd, options);
  const { home } = config;
  const log = logFor(args, home, cwd);
  try {
    const wish = {
      ...wishFor({ config, options, cwd, home, thread: log.thread }),
      // A session's number is in an entry: behind them all, none comes twice in a thread.
      firstSession: log.log.lastSeq + 1,
    };
    const words = await promptFor(args);
    const composed = compose(wish, log.log);
    if (composed.kind === "refused") throw new Refused(composed.message);
    return await fly(composed, { wish, words, options, log: log.log });
  } finally {
    log.log.close();
  }
}

/** The folder to work in. */
function folderFor(cd: string | undefined): string {
  let cwd: string;
  try {
    cwd = resolve(cd ?? process.cwd());
  } catch {
    throw new Refused("The folder this was started in is gone: change to another one, or name one with -C.");
  }
  if (!existsSync(cwd)) throw new Refused(`There is no folder ${cwd}.`);
  if (!statSync(cwd).isDirectory()) throw new Refused(`${cwd} is not a folder.`);
  return cwd;
}

/** What --add-dir names has to be there, like any folder. */
function checkFolders(folders: readonly string[]): void {
  for (const folder of folders) {
    const stat = statSync(resolve(folder), { throwIfNoEntry: false });
    if (!stat) throw new Refused(`There is no folder ${resolve(folder)} for --add-dir.`);
    if (!stat.isDirectory()) throw new Refused(`${resolve(folder)} for --add-dir is not a folder.`);
  }
}

async function configFor(cwd: string, options: Options): Promise<Config> {
  const flags = { model: options.model, sandbox_mode: options.sandbox };
  const { config: overrides, strictConfig: strict } = options;
  const loaded = await loadConfig({ cwd, env: process.env, overrides, strict, flags });
  if (loaded.kind === "invalid") throw new Refused(loaded.message);
  const unused = withoutUse(loaded.config, options);
  for (const warning of [...options.warnings, ...loaded.warnings, ...unused])
    process.stderr.write(`godwit: ${warning}\n`);
  return loaded.config;
}

/** CODEX_API_KEY is what the Codex SDK hands over; it stands in where OPENAI_API_KEY is not set. */
const env: Readonly<Record<string, string | undefined>> = {
  ...(process.env.CODEX_API_KEY ? { OPENAI_API_KEY: process.env.CODEX_API_KEY } : {}),
  ...process.env,
};

/** The log of the thread that was asked for, and its id. */
function logFor(args: Start, home: string, cwd: string): { log: OpenLog; thread: string } {
  if (args.kind === "resume") {
    const session = earlier(args, home, cwd);
    return { log: openLog(session.path, "resume"), thread: session.id };
  }
  const now = Date.now();
  const thread = uuid7(now, randomBytes(10));
  return { log: args.options.ephemeral ? openMemoryLog() : openLog(logPath(home, thread, now), "create"), thread };
}

function earlier(args: Extract<Start, { kind: "resume" }>, home: string, cwd: string): { id: string; path: string } {
  if ("id" in args.thread) {
    const found = findSession(home, args.thread.id);
    if (found.kind !== "found") throw new Refused(`${found.message}.`, 1);
    return found.session;
  }
  const isHere = args.thread.last === "here";
  const last = lastSession(home, isHere ? { cwd } : {});
  if (!last) throw new Refused(`There is no earlier thread${isHere ? ` that began in ${cwd}` : ""} to resume.`, 1);
  return last;
}

function wishFor(from: { config: Config; options: Options; cwd: string; home: string; thread: string }): Wish {
  const { config, options, cwd, home, thread } = from;
  const choice = chooseModel(config, env);
  if (choice.kind === "refused") throw new Refused(choice.message);
  const { env_key } = choice.provider;
  if (env_key !== undefined && (env[env_key] ?? "").trim() === "") {
    throw new Refused(`${choice.provider.name} needs a key: set the environment variable ${env_key}.`);
  }
  if (choice.told) process.stderr.write(`godwit: ${choice.told}\n`);
  if (config.sandbox_mode !== "danger-full-access") {
    throw new Refused(
      'This version has no sandbox yet: exec runs commands only with --sandbox danger-full-access, or sandbox_mode = "danger-full-access" in your own config.toml. Nothing was sent.',
    );
  }
  if (!options.skipGitRepoCheck && !isInRepository(cwd)) {
    throw new Refused(
      `${cwd} is not in a git repository, so changes could not be taken back: use --skip-git-repo-check to work here all the same.`,
      1,
    );
  }
  const limits = {
    autoCompactLimit: config.model_auto_compact_token_limit,
    toolOutputLimit: config.tool_output_token_limit,
    soft: config.compaction.soft,
    hard: config.compaction.hard,
  };
  return {
    thread,
    cwd,
    env,
    provider: choice.provider,
    model: choice.model,
    info: choice.info,
    limit: config.model_context_window ?? choice.info.limit,
    sandbox: config.sandbox_mode,
    shellEnvironment: config.shell_environment_policy,
    // Nobody is there to be asked.
    approval: "never",
    budget: Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined)),
    developerInstructions: config.developer_instructions ?? "",
    agentsMaxBytes: config.project_doc_max_bytes,
    agentsFallbacks: config.project_doc_fallback_filenames,
    effort: config.model_reasoning_effort,
    summary: config.model_reasoning_summary,
    schema: schemaFrom(options.outputSchema),
    maxRequests: options.maxTurns ?? 0,
    maxTokens: options.maxTokens ?? 0,
    spillDir: spillFolder(home, thread, options.ephemeral),
    now: Date.now,
  };
}

function isInRepository(folder: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, ".git"))) return true;
    if (at === dirname(at)) return false;
  }
}

function schemaFrom(file: string | undefined): Wish["schema"] {
  if (file === undefined) return null;
  try {
    return { name: "answer", schema: JSON.parse(readFileSync(resolve(file), "utf8")) as unknown };
  } catch (cause) {
    throw new Refused(`Cannot read the output schema ${file}: ${cause instanceof Error ? cause.message : cause}.`);
  }
}

/** The words of the turn: argument, stdin, or both; then images. */
async function promptFor(args: Start): Promise<Said[]> {
  const isFromStdin = args.prompt === undefined || args.prompt === "-";
  const stdin = isPiped() ? await readStdin() : null;
  if (isFromStdin && stdin === null) throw new Refused(NO_PROMPT);
  const text = joinPrompt(args.prompt, stdin);
  if (text.trim() === "") throw new Refused(NO_PROMPT);
  if (args.options.images.length === 0) return [text];
  const { messageWithImages } = await import("./images.ts");
  const made = messageWithImages(text, args.options.images);
  if (made.kind === "refused") throw new Refused(made.message);
  return [made.message];
}

const NO_PROMPT = 'There is no prompt: give it as an argument (godwit exec "…") or on standard input.';

/** Is standard input a pipe, a file or a socket? A terminal or /dev/null is not read. */
function isPiped(): boolean {
  try {
    const stat = fstatSync(0);
    return stat.isFIFO() || stat.isFile() || stat.isSocket();
  } catch {
    return false;
  }
}

async function readStdin(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8");
}
