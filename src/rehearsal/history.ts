/**
 * History: what a request's items say of the work so far, as the planner reads it.
 *
 * Is not      a memory: it is made anew from the items of each request, so that a fold or a resume changes nothing
 *             but how much of the past is in it.
 */
import { callInput, contentText, type Item, isCall, isOutput, isRecord } from "../wire/item.ts";
import { isOwnStep } from "./phrases.ts";

export interface PlanStep {
  readonly step: string;
  readonly status: "pending" | "in_progress" | "completed";
}

/** One call, what was said before it, and its answer: null while there is none. */
export interface Deed {
  readonly kind: "deed";
  readonly said: string;
  readonly tool: string;
  /** The command, the patch, or the raw arguments of another tool. */
  readonly input: string;
  readonly output: string | null;
}

export interface PlanTold {
  readonly kind: "plan";
  readonly steps: readonly PlanStep[];
}

export type Happening = Deed | PlanTold;

export interface History {
  /** What people wrote, oldest first: no records, ledgers or context. */
  readonly users: readonly string[];
  readonly happenings: readonly Happening[];
  readonly records: readonly string[];
  /** The text of the last assistant message, if nothing was asked after it. */
  readonly closing: string | null;
  /** Has a final report been given? */
  readonly hasReported: boolean;
  /** Has nothing been said or done before? */
  readonly isFresh: boolean;
}

const RECORD = "Record of earlier work";
/** How the final report begins. */
export const REPORT = "Rehearsal report";

/** Read the items of a request. Items of unknown form are passed over. */
export function readHistory(items: readonly Item[]): History {
  const outputs = new Map<string, string>();
  for (const item of items) if (isOutput(item)) outputs.set(item.call_id, contentText(item.output));
  const users: string[] = [];
  const records: string[] = [];
  const happenings: Happening[] = [];
  let said = "";
  let closing: string | null = null;
  let hasReported = false;
  for (const item of items) {
    if (item.type === "message" && item.role === "user") {
      const text = contentText(item.content);
      const steps = planLines(text);
      if (text.startsWith(RECORD)) records.push(text);
      else if (steps.some(({ step }) => isOwnStep(step))) happenings.push({ kind: "plan", steps });
      else if (!/^\s*(?:<\w|#\s*AGENTS|Ledger, kept by code)/.test(text)) users.push(text);
      if (users.at(-1) === text) closing = null;
    } else if (item.type === "message" && item.role === "assistant") {
      said = contentText(item.content);
      closing = said;
      hasReported ||= said.startsWith(REPORT);
    } else if (isCall(item)) {
      closing = null;
      const input = argumentOf(item.name, callInput(item));
      const output = outputs.get(item.call_id) ?? null;
      if (item.name === "update_plan") happenings.push({ kind: "plan", steps: planSteps(input) });
      happenings.push({ kind: "deed", said, tool: item.name, input, output });
    } else if (isOutput(item)) said = "";
  }
  const isFresh = said === "" && closing === null && happenings.length + records.length === 0;
  return { users, happenings, records, closing, hasReported, isFresh };
}

/** The one argument that matters, out of the JSON of a function call. */
function argumentOf(tool: string, input: string): string {
  if (tool === "update_plan" || !input.startsWith("{")) return input;
  try {
    const value: unknown = JSON.parse(input);
    if (!isRecord(value)) return input;
    const argument = value.cmd ?? value.patch ?? value.input;
    return typeof argument === "string" ? argument : input;
  } catch {
    return input;
  }
}

const MARKS: Readonly<Record<string, PlanStep["status"]>> = { x: "completed", ">": "in_progress", " ": "pending" };

/** The plan as the ledger shows it: lines such as `[x] step`. */
function planLines(text: string): PlanStep[] {
  return [...text.matchAll(/^\s*(?:[-*]\s*)?\[([x> ])\] (.+)$/gm)].map((match) => ({
    step: match[2]!.trim(),
    status: MARKS[match[1]!]!,
  }));
}

function planSteps(input: string): PlanStep[] {
  try {
    const value: unknown = JSON.parse(input);
    return isRecord(value) && Array.isArray(value.plan) ? value.plan.filter(isStep) : [];
  } catch {
    return [];
  }
}

const isStep = (value: unknown): value is PlanStep =>
  isRecord(value) && typeof value.step === "string" && typeof value.status === "string";
