/** exec_command: runs a command in a shell, and leaves it running as a session when it takes long. */
import { resolve } from "node:path";
import type { Run, RunCommand, Tool, ToolAnswer, ToolContext } from "../engine/ports.ts";
import { oneLine } from "../kit/cut.ts";
import { readArguments, type Values } from "./arguments.ts";
import type { Sessions } from "./sessions.ts";

export interface ShellOptions {
  readonly shell: string;
  /** Sessions kept at the same time, default 64. */
  readonly maxSessions?: number;
  /** Number of the first session, default 1: higher than those that the thread has seen in an earlier process. */
  readonly firstSession?: number;
  now(): number;
  /** May answer in place of the shell: a command that is really a patch. */
  patch?(cmd: string, cwd: string, signal: AbortSignal): Promise<ToolAnswer | null>;
}

const SHAPE = {
  cmd: "string",
  workdir: "string?",
  login: "boolean?",
  shell: "string?",
  tty: "boolean?",
  yield_time_ms: "number?",
  max_output_tokens: "number?",
} as const;

const PARAMETERS = {
  type: "object",
  properties: {
    cmd: { type: "string", description: "Command line for the shell." },
    workdir: { type: "string", description: "Folder to run in; default is the current one." },
    shell: { type: "string", description: "Another shell's path." },
    login: { type: "boolean", description: "Run as login shell. Default false." },
    tty: { type: "boolean", description: "Give it a terminal; needed to type into it later. Default false." },
    yield_time_ms: { type: "number", description: "Wait so long (250-30000, default 10000) before answering." },
    max_output_tokens: { type: "number", description: "Show at most this much output; the rest stays in a file." },
  },
  required: ["cmd"],
};

export const execCommand = (run: Run, sessions: Sessions, options: ShellOptions): Tool => ({
  spec: {
    type: "function",
    name: "exec_command",
    description:
      "Run a shell command. Answers with its exit code and output, or, if it is not done in time, with a session number for write_stdin.",
    parameters: PARAMETERS,
    strict: false,
  },
  parallel: true,
  describe(input) {
    const read = readArguments(input, SHAPE);
    return oneLine(read.ok ? read.values.cmd : input, 120);
  },
  async run(input, context, signal) {
    const read = readArguments(input, SHAPE);
    if (!read.ok) return refuse(`exec_command was not run. ${read.message}`);
    const cwd = resolve(context.cwd, read.values.workdir ?? "");
    const patched = (await options.patch?.(read.values.cmd, cwd, signal)) ?? null;
    if (patched !== null) return patched;
    if (signal.aborted) return refuse("interrupted · 0.0 s\n(not started)");
    return runShell({ run, sessions, options, context }, { ...read.values, workdir: cwd }, signal);
  },
});

interface Around {
  readonly run: Run;
  readonly sessions: Sessions;
  readonly options: ShellOptions;
  readonly context: ToolContext;
}

async function runShell(around: Around, values: Values<typeof SHAPE>, signal: AbortSignal): Promise<ToolAnswer> {
  const { run, sessions, options, context } = around;
  const { cmd, workdir = context.cwd, tty = false } = values;
  const command: RunCommand & { input: boolean } = {
    argv: [values.shell ?? options.shell, values.login ? "-lc" : "-c", cmd],
    cwd: workdir,
    // Programs that read a pipe if they get one (rg, cat) would wait for ever, so without a terminal there is no input.
    input: tty,
    ...(tty ? { tty: { columns: 120, rows: 40 } } : {}),
  };
  const startedAt = options.now();
  const session = sessions.open(await run.start(command), cmd, tty, startedAt);
  await sessions.watch(session, clamp(values.yield_time_ms ?? 10_000, 250, 30_000), context, signal);
  const tokens = outputTokens(values.max_output_tokens, context);
  if (session.command.exit() === null && signal.aborted) {
    await session.command.kill();
    return sessions.answer(session, { tokens, title: "interrupted" });
  }
  const note = session.command.exit() === null ? sessions.keep(session) : "";
  return sessions.answer(session, { tokens, note });
}

/** A sentence in place of a result. */
export const refuse = (output: string): ToolAnswer => ({ output, result: { ok: false } });

export const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

/** What the model asked for, within what the tool may show. */
export const outputTokens = (asked: number | undefined, context: ToolContext): number =>
  Math.floor(clamp(asked ?? context.outputTokens, 0, context.outputTokens));
