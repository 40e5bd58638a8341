/**
 * Ledger: what code knows of a thread's work, from its entries alone.
 *
 * Owns        files, commands, checks, plan, processes and requests, each with the `#seq` that says so.
 * Is not      the record (a frozen text) nor a summary: no model writes here.
 * Invariants  1. `step` reads only the entry and the ledger; replaying a log gives the same ledger.
 *             2. It is plain JSON.
 */
import { oneLine } from "../kit/cut.ts";
import type { CallResult, Entry, ItemEntry } from "../thread/entry.ts";
import { contentText, type Item, isCall, isMessage, isOutput } from "../wire/item.ts";
import { checkOf, judge } from "./checks.ts";
import { failingNames, outcomeOf } from "./outcome.ts";
import { type CallMeaning, meaningOf, type PlanStep, patchPaths } from "./tool-kinds.ts";

export interface FileState {
  state: "read" | "created" | "edited" | "deleted";
  /** Entry that last changed it, or last read it. */
  seq: number;
  edits: number;
  /** Changed by a step that was reverted in the conversation. */
  reverted?: boolean;
}

export interface CommandState {
  seq: number;
  runs: number;
  ok: boolean;
  exit: number | null;
}

export interface CheckState {
  seq: number;
  state: "passed" | "failed";
  exit: number | null;
  failing: string[];
}

export interface RequestState {
  seq: number;
  head: string;
  state: "open" | "done";
  answer?: { seq: number; head: string };
}

export interface Ledger {
  v: 1;
  seq: number;
  cwd: string;
  files: Record<string, FileState>;
  commands: Record<string, CommandState>;
  checks: Record<string, CheckState>;
  plan: { seq: number; steps: PlanStep[] } | null;
  processes: Record<string, { command: string; seq: number }>;
  requests: RequestState[];
  /** Calls that wait for their output, by call id. */
  calls: Record<string, { seq: number; meaning: CallMeaning }>;
  /** The newest assistant message, when nothing came after it. */
  said: { seq: number; head: string } | null;
}

export const newLedger = (): Ledger => ({
  v: 1,
  seq: 0,
  cwd: "",
  files: {},
  commands: {},
  checks: {},
  plan: null,
  processes: {},
  requests: [],
  calls: {},
  said: null,
});

/**
 * Take one entry in. Consumes its argument: the ledger that comes back is the one passed in, advanced; clone
 * it first to keep the old state (a ledger is plain JSON).
 *
 * @param isReverted the entry is hidden by a revert: what it did to files stays true, what was said does not.
 */
export function step(ledger: Ledger, entry: Entry, isReverted = false): Ledger {
  ledger.seq = entry.seq;
  if (entry.kind === "open" || entry.kind === "settings") ledger.cwd = entry.cwd;
  if (entry.kind === "item") takeItem(ledger, entry, isReverted);
  // Nothing that a turn started outlives it; after a kill the next turn finds none of it either.
  if (entry.kind === "turn") ledger.processes = {};
  if (entry.kind === "turn" && !isReverted && entry.state === "ended" && entry.outcome === "done") answerAll(ledger);
  return ledger;
}

function takeItem(ledger: Ledger, entry: ItemEntry, isReverted: boolean): void {
  const { item, seq } = entry;
  if (isCall(item)) {
    ledger.calls[item.call_id] = { seq, meaning: meaningOf(item) };
    ledger.said = null;
    return;
  }
  if (isOutput(item)) {
    const call = own(ledger.calls, item.call_id);
    delete ledger.calls[item.call_id];
    if (call)
      takeOutcome(ledger, {
        seq,
        meaning: call.meaning,
        text: contentText(item.output),
        result: entry.result,
        isReverted,
      });
    return;
  }
  if (isReverted) return;
  if (isMessage(item, "assistant")) ledger.said = { seq, head: oneLine(contentText(item.content), 160) };
  if (isMessage(item, "user")) {
    // Logs of others have no turn entries: there an answer followed by a new request was the end of a turn.
    if (ledger.said) answerAll(ledger);
    ledger.requests.push({ seq, head: requestHead(item), state: "open" });
  }
}

const requestHead = (item: Item): string => (item.type === "message" ? oneLine(contentText(item.content), 120) : "");

function answerAll(ledger: Ledger): void {
  for (const request of ledger.requests) {
    if (request.state === "done") continue;
    request.state = "done";
    if (ledger.said) request.answer = ledger.said;
  }
  ledger.said = null;
}

interface Happened {
  readonly seq: number;
  readonly meaning: CallMeaning;
  readonly text: string;
  readonly result: CallResult | undefined;
  readonly isReverted: boolean;
}

function takeOutcome(ledger: Ledger, happened: Happened): void {
  const { meaning, result, seq, isReverted } = happened;
  const outcome = outcomeOf(happened.text, result);
  for (const file of result?.files ?? []) {
    setFile(ledger, file.movedTo ?? file.path, CHANGED[file.change], happened);
    if (file.movedTo) setFile(ledger, file.path, "deleted", happened);
  }
  switch (meaning.kind) {
    case "command":
      return takeCommand(ledger, meaning.command, happened);
    case "input": {
      const process = own(ledger.processes, String(meaning.session));
      if (process && outcome.running === null) delete ledger.processes[String(meaning.session)];
      if (process && outcome.running === null) return takeCommand(ledger, process.command, happened);
      return;
    }
    case "patch":
      if (!result?.files && outcome.ok) {
        for (const file of patchPaths(meaning.text)) {
          setFile(ledger, file.movedTo ?? file.path, CHANGED[file.change], happened);
          if (file.movedTo) setFile(ledger, file.path, "deleted", happened);
        }
      }
      return;
    case "write":
    case "edit":
      if (outcome.ok) setFile(ledger, meaning.path, meaning.kind === "write" ? "created" : "edited", happened);
      return;
    case "read":
      if (outcome.ok) setFile(ledger, meaning.path, "read", happened);
      return;
    case "plan":
      if (outcome.ok && !isReverted) ledger.plan = { seq, steps: [...meaning.steps] };
      return;
    case "plan-add":
      if (!isReverted) {
        ledger.plan = { seq, steps: [...(ledger.plan?.steps ?? []), { step: meaning.step, status: "pending" }] };
      }
      return;
    default:
  }
}

const CHANGED = { add: "created", update: "edited", delete: "deleted" } as const;

function takeCommand(ledger: Ledger, command: string, happened: Happened): void {
  const { seq, text, result } = happened;
  const outcome = outcomeOf(text, result);
  if (outcome.running !== null) {
    ledger.processes[String(outcome.running)] = { command, seq };
    return;
  }
  const key = oneLine(command, 300);
  const runs = (own(ledger.commands, key)?.runs ?? 0) + 1;
  delete ledger.commands[key]; // a command run again moves to the end: newest last
  ledger.commands[key] = { seq, runs, ok: outcome.ok, exit: outcome.exit };
  const check = checkOf(command);
  const judged = check && judge(check, outcome, text, result !== undefined);
  if (!check || !judged) return;
  delete ledger.checks[check.command];
  ledger.checks[check.command] = { seq, ...judged, failing: judged.state === "failed" ? failingNames(text) : [] };
}

function setFile(ledger: Ledger, path: string, state: FileState["state"], { seq, isReverted }: Happened): void {
  const shown = ledger.cwd !== "" && path.startsWith(`${ledger.cwd}/`) ? path.slice(ledger.cwd.length + 1) : path;
  const before = own(ledger.files, shown);
  if (state === "read" && before && before.state !== "read") return;
  const edits = (before?.edits ?? 0) + (state === "read" ? 0 : 1);
  const kept = state === "edited" && before?.state === "created" ? "created" : state;
  delete ledger.files[shown];
  ledger.files[shown] = { state: kept, seq, edits, ...(isReverted ? { reverted: true } : {}) };
}

/** A field that is the record's own: names come from models and may be "constructor". */
const own = <T>(record: Record<string, T>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;
