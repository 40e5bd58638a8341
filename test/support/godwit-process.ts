/** A godwit of its own: the real binary as a child process, in a process group of its own, and what it said. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { readLog } from "../../src/archive/read-log.ts";
import { listSessions, type Session } from "../../src/archive/sessions.ts";
import type { ThreadEvent } from "../../src/exec/thread-event.ts";
import { findTree } from "../../src/sandbox/tree.ts";
import type { Entry } from "../../src/thread/entry.ts";

export const BINARY = resolve(import.meta.dirname, "../../bin/godwit");
/** Flags without which `exec` refuses in a folder that is no repository, on a version without a sandbox. */
export const OPEN = ["--sandbox", "danger-full-access", "--skip-git-repo-check"];
/** Nothing here takes so long on any machine. */
const HANGS_MS = 120_000;

export interface GodwitOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Null or undefined: no standard input (/dev/null). */
  readonly stdin?: string | null;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Godwit {
  readonly pid: number;
  readonly child: ChildProcess;
  /** When it has ended and all it said is here. */
  readonly ended: Promise<Ended>;
  /** What it has said so far. */
  stdout(): string;
  stderr(): string;
  /** Called with each line of stdout. */
  onLine(listener: (line: string) => void): void;
}

/** Start it. What hangs for two minutes is killed, so that a test fails and does not stand still. */
export function startGodwit(args: readonly string[], { cwd, env, stdin = null }: GodwitOptions): Godwit {
  const child = spawn(BINARY, args, {
    cwd,
    env: { GODWIT_NODE: process.execPath, ...env },
    detached: true,
    stdio: [stdin === null ? "ignore" : "pipe", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  let told = 0;
  const listeners: ((line: string) => void)[] = [];
  const tellLines = () => {
    for (let end = stdout.indexOf("\n", told); end >= 0; end = stdout.indexOf("\n", told)) {
      const line = stdout.slice(told, end);
      told = end + 1;
      for (const listener of listeners) listener(line);
    }
  };
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    tellLines();
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  child.stdin?.on("error", () => {});
  if (stdin !== null) child.stdin?.end(stdin);
  const hangs = setTimeout(() => child.kill("SIGKILL"), HANGS_MS);
  const ended = new Promise<Ended>((done) => {
    child.once("close", (code, signal) => {
      clearTimeout(hangs);
      done({ code, signal, stdout, stderr });
    });
  });
  return {
    pid: child.pid ?? 0,
    child,
    ended,
    stdout: () => stdout,
    stderr: () => stderr,
    onLine: (listener) => listeners.push(listener),
  };
}

/** Start it and wait for its end. */
export const runGodwit = (args: readonly string[], options: GodwitOptions): Promise<Ended> =>
  startGodwit(args, options).ended;

/** Resolves once stdout holds this; rejects when it ends without. */
export async function awaitText(godwit: Godwit, text: string): Promise<void> {
  const found = Promise.withResolvers<void>();
  const look = () => godwit.stdout().includes(text) && found.resolve();
  godwit.onLine(look);
  look();
  godwit.ended.then(({ stderr }) => found.reject(new Error(`it ended without "${text}": ${stderr}`)));
  await found.promise;
}

/** The lines of `--json`; a torn last one is left out. */
export const eventsOf = (stdout: string): ThreadEvent[] =>
  stdout
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as ThreadEvent);

/** Write a config with one provider, `test`, which answers at `url`; `more` goes in front of its table. */
export function writeConfig(home: string, url: string, more = ""): void {
  mkdirSync(home, { recursive: true });
  writeFileSync(
    join(home, "config.toml"),
    `model = "test-model"\nmodel_provider = "test"\n${more}\n[model_providers.test]\nname = "Test"\nbase_url = "${url}"\nwire_api = "responses"\n`,
  );
}

/** The threads of a home, the newest first. */
export const sessionsOf = (home: string): Session[] => [...listSessions(home)];

/** The entries of the only thread of a home. */
export function entriesOf(home: string): Entry[] {
  const [session] = sessionsOf(home);
  return session ? [...readLog(session.path)] : [];
}

/** Living processes that commands of the godwit with this pid have started, by the mark in their environment. */
export const startedBy = (pid: number): number[] =>
  findTree({ leaders: [], mark: `${pid.toString(36)}-` }).map((found) => found.pid);
