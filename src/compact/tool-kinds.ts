/**
 * Tool kinds: what a call means, by the name and arguments of many agents' tools.
 *
 * Owns        the table of names. Logs of other agents are read through it as well.
 */
import { type Call, callInput, isRecord } from "../wire/item.ts";

export type CallMeaning =
  | { readonly kind: "command"; readonly command: string }
  | { readonly kind: "input"; readonly session: number; readonly text: string }
  | { readonly kind: "patch"; readonly text: string }
  | { readonly kind: "write"; readonly path: string }
  | { readonly kind: "edit"; readonly path: string }
  | { readonly kind: "read"; readonly path: string }
  | { readonly kind: "plan"; readonly steps: readonly PlanStep[] }
  | { readonly kind: "plan-add"; readonly step: string }
  | { readonly kind: "other" };

export interface PlanStep {
  readonly step: string;
  readonly status: "pending" | "in_progress" | "completed";
}

const NAMES: Readonly<Record<string, CallMeaning["kind"]>> = {
  exec_command: "command",
  shell: "command",
  shell_command: "command",
  bash: "command",
  local_shell: "command",
  run_shell_command: "command",
  execute_command: "command",
  run_command: "command",
  terminal: "command",
  "container.exec": "command",
  execute_bash: "command",
  run_terminal_cmd: "command",
  write_stdin: "input",
  apply_patch: "patch",
  applypatch: "patch",
  write: "write",
  write_file: "write",
  create: "write",
  create_file: "write",
  write_to_file: "write",
  edit: "edit",
  multiedit: "edit",
  notebookedit: "edit",
  str_replace_editor: "edit",
  replace: "edit",
  edit_file: "edit",
  str_replace_based_edit_tool: "edit",
  apply_diff: "edit",
  read: "read",
  read_file: "read",
  view: "read",
  open: "read",
  view_image: "read",
  cat: "read",
  update_plan: "plan",
  todowrite: "plan",
  write_todos: "plan",
  taskcreate: "plan-add",
};

/** What `call` asks for. Arguments that cannot be read give `other`; never throws, whatever a log holds. */
export function meaningOf(call: Call): CallMeaning {
  const name = word(call.name).toLowerCase();
  const kind = Object.hasOwn(NAMES, name) ? (NAMES[name] as CallMeaning["kind"]) : "other";
  const input = callInput(call);
  if (kind === "patch") return { kind, text: patchText(input) };
  const args = call.type === "function_call" ? parseArguments(input) : { command: input };
  switch (kind) {
    case "command": {
      const command = commandText(args.cmd ?? args.command ?? args.commands ?? args.script);
      return command === "" ? { kind: "other" } : { kind, command };
    }
    case "input":
      return { kind, session: Number(word(args.session_id)), text: word(args.chars) };
    case "write":
    case "edit":
    case "read": {
      const path = args.file_path ?? args.path ?? args.notebook_path ?? args.filePath ?? args.filename;
      if (typeof path !== "string") return { kind: "other" };
      // One editor tool of some agents does both: its `command` says which.
      const isView = kind === "edit" && args.command === "view";
      return { kind: isView ? "read" : kind, path };
    }
    case "plan":
      return { kind, steps: planSteps(args.plan ?? args.todos) };
    case "plan-add":
      return typeof args.subject === "string" ? { kind, step: args.subject } : { kind: "other" };
    default:
      return { kind: "other" };
  }
}

/** Paths that a patch names, with what it does to them. */
export function patchPaths(text: string): { path: string; change: "add" | "update" | "delete"; movedTo?: string }[] {
  const found: { path: string; change: "add" | "update" | "delete"; movedTo?: string }[] = [];
  for (const line of word(text).split("\n")) {
    if (!line.startsWith("*** ")) continue;
    const [, verb, path = ""] = HEADER.exec(line.trimEnd()) ?? [];
    if (verb === undefined) continue;
    const last = found.at(-1);
    if (verb !== "Move to") found.push({ change: CHANGES[verb as keyof typeof CHANGES], path });
    else if (last) last.movedTo = path;
  }
  return found;
}

const HEADER = /^\*\*\* (Add File|Update File|Delete File|Move to): (.+)$/;
const CHANGES = { "Add File": "add", "Update File": "update", "Delete File": "delete" } as const;

function patchText(input: string): string {
  if (!input.trimStart().startsWith("{")) return input;
  const args = parseArguments(input);
  const text = args.patch ?? args.input ?? args.command;
  return typeof text === "string" ? text : Array.isArray(text) ? text.map(word).join(" ") : input;
}

function parseArguments(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

/** A text or a number as text; what is neither shows as nothing, for an object may not even let itself be printed. */
const word = (value: unknown): string =>
  typeof value === "string" ? value : typeof value === "number" ? String(value) : "";

/** A command as one text, without the shell that some agents put around it. */
function commandText(value: unknown): string {
  if (typeof value === "string") return value;
  if (!Array.isArray(value)) return "";
  const words = value.map(word);
  return /^(ba|z|da)?sh$/.test(words[0] ?? "") && /^-l?c$/.test(words[1] ?? "") ? (words[2] ?? "") : words.join(" ");
}

function planSteps(value: unknown): PlanStep[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isRecord).flatMap((one): PlanStep[] => {
    const step = one.step ?? one.content ?? one.text;
    if (typeof step !== "string") return [];
    const status = one.status;
    return [{ step, status: status === "completed" || status === "in_progress" ? status : "pending" }];
  });
}
