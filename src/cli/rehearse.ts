/**
 * Rehearse: the whole machine on a fresh computer, without a key: the rehearsal model migrates a copy of a package.
 *
 * Owns        the throw-away copy, the small window, and the check afterwards that trusts nobody's words.
 * Is not      the planner (rehearsal/planner.ts), which sits behind a socket like any model.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  accessSync,
  constants,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { basename, dirname, join, relative, resolve } from "node:path";
import { type OpenLog, openLog } from "../archive/jsonl-log.ts";
import { openMemoryLog } from "../archive/memory-log.ts";
import { logPath } from "../archive/sessions.ts";
import { uuid7 } from "../kit/id.ts";
import { childEnv } from "../policy/secrets.ts";
import { startRehearsal } from "../rehearsal/server.ts";
import { modelInfo } from "../upstream/models.ts";
import type { Args, Options } from "./args.ts";
import { compose, spillFolder, type Wish } from "./compose.ts";
import { fly } from "./fly.ts";
import { guarded, Refused } from "./refused.ts";

/** Tokens: small enough that the example is folded several times. */
export const REHEARSAL_LIMIT = 16_000;

export const REHEARSAL_TASK =
  "Migrate this package from CommonJS to ES modules. Keep every test green and every assertion as it is. " +
  "Leave a file alone rather than break it, and say at the end what you left and why.";

const SKIPPED = new Set([".git", "node_modules"]);

type Rehearse = Extract<Args, { kind: "rehearse" }>;

/** Run `godwit rehearse [PATH]`. */
export const rehearse = (args: Rehearse): Promise<number> => guarded(() => run(args));

async function run(args: Rehearse): Promise<number> {
  const from = resolve(args.path ?? exampleFolder());
  if (!existsSync(join(from, "package.json"))) {
    throw new Refused(`${from} holds no package.json: rehearse migrates a JavaScript package; name its folder.`);
  }
  const { copy, hasGit } = copyOf(from);
  const say = (text: string) => process.stderr.write(`${text}\n`);
  say(
    `Rehearsal: no language model takes part. A planner that follows rules answers on loopback and migrates a copy of ${from}.`,
  );
  say(`The copy is ${copy}; its context is ${REHEARSAL_LIMIT} tokens, so that it must be folded.`);
  const server = await startRehearsal({ limit: REHEARSAL_LIMIT });
  const home = resolve(process.env.GODWIT_HOME ?? join(homedir(), ".godwit"));
  const now = Date.now();
  const thread = uuid7(now, randomBytes(10));
  const path = logPath(home, thread, now);
  const ephemeral = args.options.ephemeral || !canWrite(home, path, say);
  const log: OpenLog = ephemeral ? openMemoryLog() : openLog(path, "create");
  try {
    const options = { ...args.options, ephemeral };
    const wish = wishFor({ cwd: copy, url: server.url, thread, home, options });
    const composed = compose(wish, log);
    if (composed.kind === "refused") throw new Refused(composed.message);
    const exitCode = await fly(composed, { wish, words: [REHEARSAL_TASK], options, log });
    const isGood = check(from, copy, say);
    say(hasGit ? `See it: git -C ${quoted(copy)} diff` : `See it: ${copy}`);
    return isGood ? exitCode : 1;
  } finally {
    log.close();
    await server.close();
  }
}

/** A rehearsal is worth seeing without a log too: where none can be written, that is said and no reason to refuse. */
function canWrite(home: string, path: string, say: (text: string) => void): boolean {
  let folder = dirname(path);
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  try {
    // With a slash behind it a file in a folder's place is refused as well.
    accessSync(`${folder}/`, constants.W_OK | constants.X_OK);
    return true;
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    say(`No log is kept: ${home} cannot be written (${reason}).`);
    return false;
  }
}

const quoted = (path: string): string => (/^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`);

/** The example that ships with the package, from sources or from the bundle. */
function exampleFolder(): string {
  const found = ["../../examples/tidepool", "../examples/tidepool"]
    .map((path) => join(import.meta.dirname, path))
    .find((path) => existsSync(path));
  if (!found) throw new Refused("Cannot find the example: name a package's folder.");
  return found;
}

/** A copy in a temporary folder, as a git repository of its own where git is there; dependencies are linked. */
function copyOf(from: string): { copy: string; hasGit: boolean } {
  const copy = join(mkdtempSync(join(tmpdir(), "godwit-rehearsal-")), basename(from));
  cpSync(from, copy, { recursive: true, filter: (path) => path === from || !SKIPPED.has(basename(path)) });
  if (existsSync(join(from, "node_modules"))) symlinkSync(join(from, "node_modules"), join(copy, "node_modules"));
  const git = (...words: string[]) =>
    execFileSync("git", ["-c", "user.name=godwit", "-c", "user.email=godwit@localhost", ...words], {
      cwd: copy,
      stdio: "ignore",
    });
  try {
    git("init", "-q");
    git("add", "-A", "--", ".", ":!node_modules");
    git("commit", "-q", "-m", "Before the migration");
    return { copy, hasGit: true };
  } catch {
    // Without git the planner takes files back by patches.
    return { copy, hasGit: false };
  }
}

function wishFor({
  cwd,
  url,
  thread,
  home,
  options,
}: {
  cwd: string;
  url: string;
  thread: string;
  home: string;
  options: Options;
}): Wish {
  return {
    thread,
    cwd,
    // The tests must run on the Node this program runs on, which need not be the first on PATH.
    env: { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH ?? ""}` },
    provider: { id: "rehearsal", name: "rehearsal (no language model)", base_url: url, wire_api: "responses" },
    model: "rehearsal",
    info: modelInfo("rehearsal"),
    limit: REHEARSAL_LIMIT,
    sandbox: "danger-full-access",
    approval: "never",
    budget: {},
    developerInstructions: "",
    agentsMaxBytes: 32_768,
    agentsFallbacks: [],
    schema: null,
    maxRequests: options.maxTurns ?? 0,
    maxTokens: options.maxTokens ?? 0,
    spillDir: spillFolder(home, thread, options.ephemeral),
    now: Date.now,
  };
}

/** Run the suite of both once more, outside the agent, and compare the lines that assert. */
function check(from: string, copy: string, say: (text: string) => void): boolean {
  const command = testCommand(copy);
  if (!command) {
    say("Checked afterwards: the package has no test script, so nothing could be run.");
    return true;
  }
  const env = { ...childEnv(process.env), PATH: `${dirname(process.execPath)}:${process.env.PATH ?? ""}` };
  const run = (cwd: string) =>
    spawnSync("npm", ["test", "--silent"], { cwd, env, stdio: "ignore", timeout: 120_000 }).status;
  const [before, after] = [run(from), run(copy)];
  const [lines, now] = [assertions(from), assertions(copy)];
  // Where a line required something itself, what it asserts upon has another name now.
  const isSame = (line: string, at: number) => line === now[at] || (/\brequire\(/.test(line) && now[at] !== undefined);
  const same = lines.length === now.length && lines.every(isSame);
  say(
    `Checked afterwards, outside the agent: npm test had exit code ${before} before and has ${after} now; its ${lines.length} lines that assert are ${same ? "the same" : "NOT the same"}.`,
  );
  return after === before && same;
}

function testCommand(folder: string): string | null {
  const { scripts } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { scripts?: { test?: string } };
  return scripts?.test ?? null;
}

/** Every line with an assertion in the package, in the order of the files. */
function assertions(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.[cm]?js$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter(
      (path) =>
        !relative(folder, path)
          .split("/")
          .some((part) => SKIPPED.has(part)),
    )
    .toSorted();
  const lines = files.flatMap((path) => readFileSync(path, "utf8").split("\n"));
  const isLoading = (line: string) => /^\s*(?:import\b|(?:const|let|var)\b.*\brequire\()/.test(line);
  return lines.filter((line) => /\bassert\b.*\(/.test(line) && !isLoading(line));
}
