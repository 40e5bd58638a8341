/**
 * Call story: what a call is about, read from its name and input, for people and programs that watch.
 *
 * Is not      how a tool reads its input (tools/): a face must show a call the tool would refuse, too.
 */
import { resolve } from "node:path";
import type { CallResult } from "../thread/entry.ts";
import { type Call, callInput, contentText, isRecord, type Output } from "../wire/item.ts";

export interface PlanStep {
  readonly text: string;
  readonly status: "pending" | "in_progress" | "completed";
}

export type CallStory =
  | { readonly kind: "command"; readonly command: string /** Set when it is really a patch. */; readonly patch: string }
  | { readonly kind: "input"; readonly session: number }
  | { readonly kind: "patch"; readonly patch: string }
  | { readonly kind: "plan"; readonly steps: readonly PlanStep[] }
  | { readonly kind: "other" };

/** Tell what a call is about. Input that makes no sense gives `other`. */
export function storyOf(call: Call): CallStory {
  const input = parsedInput(call);
  const fields = isRecord(input) ? input : {};
  switch (call.name) {
    case "exec_command": {
      if (typeof fields.cmd !== "string") return { kind: "other" };
      return { kind: "command", command: fields.cmd, patch: shellPatch(fields.cmd) };
    }
    case "write_stdin":
      return typeof fields.session_id === "number" ? { kind: "input", session: fields.session_id } : { kind: "other" };
    case "apply_patch": {
      const patch =
        typeof input === "string" ? input : Object.values(fields).find((value) => typeof value === "string");
      return typeof patch === "string" ? { kind: "patch", patch } : { kind: "other" };
    }
    case "update_plan": {
      const steps = planSteps(fields.plan);
      return steps === null ? { kind: "other" } : { kind: "plan", steps };
    }
    default:
      return { kind: "other" };
  }
}

/** The input of a call as a JSON value; as the text it is where it is no JSON. */
export function parsedInput(call: Call): unknown {
  const text = callInput(call);
  // Models mix the two forms up: a custom tool may get JSON.
  if (call.type === "custom_tool_call" && !text.trimStart().startsWith("{")) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

// The first line of a command's answer tells the model how it ended; faces say that in their own way.
const HEAD = /^(?:exit code -?\d+|still running as session \d+|killed by \S+|interrupted) · [\d.]+ s(?:\n|$)/;

/** What a call put out, without the line in front of it that is meant for the model. */
export function outputBody(output: Output): string {
  const text = contentText(output.output);
  const body = text.replace(HEAD, "");
  return body.length < text.length && body === "(no output)" ? "" : body;
}

/** Did a command run, or was the call refused or taken for something else? */
export const hasRun = ({ exit, running, signal }: CallResult): boolean =>
  exit !== undefined || running !== undefined || signal !== undefined;

/** The folder that the paths of a patch in this call, and in its result, are relative to. */
export function patchFolder(call: Call, cwd: string): string {
  const fields = parsedInput(call);
  if (call.name !== "exec_command" || !isRecord(fields)) return cwd;
  const [, quoted, doubled, bare] = CD.exec(String(fields.cmd)) ?? [];
  return resolve(cwd, typeof fields.workdir === "string" ? fields.workdir : "", quoted ?? doubled ?? bare ?? "");
}

const CD = /^\s*cd[ \t]+(?:'([^'\n]+)'|"([^"\n]+)"|([^\s'"&;|]+))\s*&&/;

function shellPatch(command: string): string {
  if (!/\b(?:apply_patch|applypatch)\b/.test(command)) return "";
  return /\*\*\* Begin Patch\n[\s\S]*?\*\*\* End Patch/.exec(command)?.[0] ?? "";
}

function planSteps(value: unknown): PlanStep[] | null {
  if (!Array.isArray(value)) return null;
  const steps: PlanStep[] = [];
  for (const step of value) {
    if (!isRecord(step) || typeof step.step !== "string") return null;
    const { status } = step;
    steps.push({ text: step.step, status: status === "completed" || status === "in_progress" ? status : "pending" });
  }
  return steps;
}
