/**
 * Run: starts commands and sees to it that none outlives us.
 *
 * Owns        the list of what runs, and the mark by which strays are found again.
 * Is not      a box: what a command may touch is not decided here.
 * Invariants  1. What goes wrong at a start is output and an exit code, not an exception.
 *             2. After `close` nothing that was started here runs any more.
 */
import type { Run } from "../engine/ports.ts";
import { childEnv, type Env } from "./child-env.ts";
import type { Mask } from "./line-mask.ts";
import { Output } from "./output.ts";
import type { PipeCommand } from "./pipes.ts";
import { Process } from "./process.ts";
import { endTree, killTreeNow, type Roots } from "./tree.ts";

export interface RunOptions {
  /** Folder for output that is too long to hold; made when first needed. */
  readonly spillDir: string;
  readonly mask: Mask;
  /** The environment of every command, final: a few defaults are set where it says nothing. */
  readonly env: Env;
  /** Output held in memory per process, default 1 MiB. */
  readonly bufferBytes?: number;
  /** Output written to the disk per process, default 256 MiB. */
  readonly spillBytes?: number;
  /** Between TERM and KILL, default 1000. */
  readonly graceMs?: number;
}

/** The port, and what only this implementation can do. */
export interface ProcessRun extends Run {
  start(command: PipeCommand): Promise<Process>;
  /** KILL to everything, synchronously: for the `exit` event of our own process. */
  killAllNow(): void;
  /** Command lines of what still runs. */
  commands(): string[];
}

/** @effects nothing until the first start. */
export function createRun(options: RunOptions): ProcessRun {
  const { spillDir, mask, env, bufferBytes = 1 << 20, spillBytes = 256 << 20, graceMs = 1000 } = options;
  const running = new Set<Process>();
  const lines = new WeakMap<Process, string>();
  const family = [process.pid, Date.now(), Math.floor(Math.random() * 1e9)].map((part) => part.toString(36)).join("-");
  let count = 0;
  let closed = false;

  const start = async (command: PipeCommand): Promise<Process> => {
    count++;
    const mark = `${family}.${count};`;
    const startedAt = Date.now();
    const name = `output-${startedAt.toString(36)}-${count}`;
    const output = new Output({ bufferBytes, mask, spill: { dir: spillDir, limitBytes: spillBytes, name } });
    const child = new Process({ output, mark, startedAt, graceMs, onEnd: () => running.delete(child) });
    const tty = command.tty !== undefined;
    const whole = childEnv(command.env === undefined ? env : { ...env, ...command.env }, tty, mark);
    // Loaded when first needed, so that nobody waits for it before the first request.
    const starter = tty ? (await import("./terminal.ts")).startTerminal : (await import("./pipes.ts")).startPipes;
    running.add(child);
    lines.set(child, command.argv.at(-1) ?? "");
    if (closed) child.refused("Cannot start anything: the session is being closed\n", 126);
    else await starter(command, whole, child, output);
    return child;
  };

  const roots = (): Roots => ({ leaders: [...running].flatMap((child) => child.leaders), mark: `${family}.` });

  return {
    start,
    commands: () => [...running].map((child) => lines.get(child) ?? ""),
    async close() {
      closed = true;
      if (count === 0) return;
      const ended = [...running].map((child) => child.kill());
      await Promise.all(ended);
      await endTree({ leaders: [], mark: `${family}.` }, graceMs); // what an ended command left behind
    },
    killAllNow() {
      if (count > 0) killTreeNow(roots());
    },
  };
}
