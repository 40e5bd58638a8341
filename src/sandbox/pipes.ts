/** Pipes: a command connected through pipes, in a process group of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { statSync } from "node:fs";
import type { RunCommand } from "../engine/ports.ts";
import type { Env } from "./child-env.ts";
import type { Output } from "./output.ts";
import type { Process } from "./process.ts";
import { signalGroup } from "./tree.ts";

export interface PipeCommand extends RunCommand {
  /** False: it finds /dev/null as its input, instead of a pipe that stays open. */
  readonly input?: boolean;
}

const INTERRUPT = "\u0003";

/** Start it; what goes wrong is told to `target` as output and exit code 126 or 127. */
export function startPipes(command: PipeCommand, env: Env, target: Process, output: Output): void {
  const [file = "", ...args] = command.argv;
  let child: ChildProcess;
  try {
    const stdin = command.input === false ? "ignore" : "pipe";
    child = spawn(file, args, { cwd: command.cwd, env, detached: true, stdio: [stdin, "pipe", "pipe"] });
  } catch (error) {
    target.refused(...refusal(command, error));
    return;
  }
  child.once("error", (error) => {
    if (child.pid === undefined) target.refused(...refusal(command, error));
  });
  if (child.pid === undefined) return;
  child.stdout?.on("data", output.channel());
  child.stderr?.on("data", output.channel());
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.on("error", () => {}); // closed: it has gone
  child.once("exit", (code, signal) => target.left({ code, signal }));
  child.once("close", () => target.drained());
  target.connected({
    pid: child.pid,
    write: (text) => write(child, text),
    closeInput: () => void child.stdin?.end(),
    release: () => release(child),
  });
}

/** Ctrl-C is what it is on a terminal: a signal to the group. All else goes into the pipe. */
async function write(child: ChildProcess, text: string): Promise<void> {
  for (const [index, piece] of text.split(INTERRUPT).entries()) {
    if (index > 0 && child.pid !== undefined) signalGroup(child.pid, "SIGINT");
    const { stdin } = child;
    if (piece === "" || stdin === null || !stdin.writable) continue;
    await new Promise<void>((resolve) => void stdin.write(piece, () => resolve()));
  }
}

/** Some grandchild may hold the pipe still: read on, so that it does not stall, but do not stay alive for it. */
function release(child: ChildProcess): void {
  child.stdin?.destroy();
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null || stream.destroyed) continue;
    stream.resume();
    if ("unref" in stream && typeof stream.unref === "function") stream.unref();
  }
}

/** The sentence for the reader and the exit code a shell would give. */
export function refusal(command: RunCommand, error: unknown): [text: string, code: number] {
  const { code = "", message } = error as NodeJS.ErrnoException;
  const [file = ""] = command.argv;
  const start = `Cannot start ${file}: `;
  if (code === "ENOENT" || code === "ENOTDIR" || code === "EACCES") {
    const trouble = folderTrouble(command.cwd);
    if (trouble !== null) return [`${start}${trouble}\n`, 127];
  }
  if (code === "ENOENT") return [`${start}there is no such program\n`, 127];
  if (code === "EACCES") return [`${start}it may not be run (permission denied)\n`, 126];
  if (code === "E2BIG") {
    return [
      `${start}the command is longer than the system takes (about 128 KiB); write long text to a file in parts\n`,
      126,
    ];
  }
  return [`${start}${message}\n`, 126];
}

/** What is wrong with a working folder; null when nothing is. */
export function folderTrouble(folder: string): string | null {
  try {
    return statSync(folder).isDirectory() ? null : `the working folder ${folder} is not a folder`;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return `there is no folder ${folder}`;
    return `the working folder ${folder} cannot be entered (${code})`;
  }
}
