/** Shell tools: exec_command and write_stdin, which share their sessions. */
import type { Run, Tool } from "../engine/ports.ts";
import { execCommand, type ShellOptions } from "./exec-command.ts";
import { Sessions } from "./sessions.ts";
import { writeStdin } from "./write-stdin.ts";

export interface ShellTools {
  readonly execCommand: Tool;
  readonly writeStdin: Tool;
  /** End all sessions. */
  close(): Promise<void>;
}

/** @param run starts the commands; stays the caller's, who closes it. */
export function createShellTools(run: Run, options: ShellOptions): ShellTools {
  const sessions = new Sessions(options.maxSessions ?? 64, options.now, options.firstSession ?? 1);
  return {
    execCommand: execCommand(run, sessions, options),
    writeStdin: writeStdin(sessions),
    close: () => sessions.close(),
  };
}
