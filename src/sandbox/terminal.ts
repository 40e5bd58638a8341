/** Terminal: a command connected through a pseudo-terminal of its own. The library is loaded when first needed. */
import { constants } from "node:os";
import type { Exit, RunCommand } from "../engine/ports.ts";
import type { Env } from "./child-env.ts";
import type { Output } from "./output.ts";
import { folderTrouble, refusal } from "./pipes.ts";
import type { Process } from "./process.ts";

interface Emitter {
  on(event: "error", listener: () => void): void;
}

const END_OF_INPUT = "\u0004";

/** Start it; what goes wrong is told to `target` as output and exit code 126 or 127. */
export async function startTerminal(command: RunCommand, env: Env, target: Process, output: Output): Promise<void> {
  const [file = "", ...args] = command.argv;
  const { columns = 80, rows = 24 } = command.tty ?? {};
  const trouble = folderTrouble(command.cwd);
  if (trouble !== null) return target.refused(`Cannot start ${file}: ${trouble}\n`, 127);
  try {
    const { spawn } = await import("@lydell/node-pty");
    const name = env.TERM ?? "xterm-256color";
    const pty = spawn(file, args, { name, cols: columns, rows, cwd: command.cwd, env: { ...env }, encoding: null });
    // With fewer than two listeners of our own the library throws what a terminal may report at its end.
    for (let count = 0; count < 2; count++) (pty as unknown as Emitter).on("error", () => {});
    const receive = output.channel();
    pty.onData((bytes) => receive(bytes as unknown as Uint8Array)); // bytes, as the encoding is null
    pty.onExit(({ exitCode, signal }) => {
      target.left(toExit(exitCode, signal));
      target.drained();
    });
    const write = (text: string): void => {
      try {
        pty.write(text);
      } catch {
        // it has just gone
      }
    };
    target.connected({
      pid: pty.pid,
      write: async (text) => write(text),
      closeInput: () => write(END_OF_INPUT),
      release: () => {},
    });
  } catch (error) {
    target.refused(...refusal(command, error));
  }
}

function toExit(code: number, signal: number | undefined): Exit {
  if (!signal) return { code, signal: null };
  const name = Object.entries(constants.signals).find(([, number]) => number === signal)?.[0];
  return { code: null, signal: name ?? String(signal) };
}
