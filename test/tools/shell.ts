/** What tests of the shell tools share: the tools on a real runner, and a call that reads like one. */
import type { TestContext } from "node:test";
import type { Tool, ToolAnswer, ToolContext } from "../../src/engine/ports.ts";
import type { RunOptions } from "../../src/sandbox/run.ts";
import type { ShellOptions } from "../../src/tools/exec-command.ts";
import { createShellTools } from "../../src/tools/shell-tools.ts";
import { NEVER, withRun } from "../sandbox/with-run.ts";

export interface Shell {
  exec(args: object | string, context?: Partial<ToolContext>, signal?: AbortSignal): Promise<ToolAnswer>;
  write(args: object | string, context?: Partial<ToolContext>, signal?: AbortSignal): Promise<ToolAnswer>;
  readonly execCommand: Tool;
  readonly writeStdin: Tool;
}

/** The clock stands still, so that every answer says 0.0 s, unless the options bring another one. */
export function withShell(
  t: TestContext,
  options: Partial<ShellOptions> = {},
  runOptions: Partial<RunOptions> = {},
): Shell {
  const run = withRun(t, { graceMs: 100, ...runOptions });
  const tools = createShellTools(run, { shell: "/bin/bash", now: () => 0, ...options });
  const call =
    (tool: Tool) =>
    (args: object | string, context: Partial<ToolContext> = {}, signal: AbortSignal = NEVER): Promise<ToolAnswer> => {
      const input = typeof args === "string" ? args : JSON.stringify(args);
      return tool.run(input, { cwd: "/", outputTokens: 10_000, progress: () => {}, ...context }, signal);
    };
  return { ...tools, exec: call(tools.execCommand), write: call(tools.writeStdin) };
}

export const textOf = (answer: ToolAnswer): string => String(answer.output);
