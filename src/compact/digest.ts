/**
 * Digest: a span of entries as one line a step, written by code.
 *
 * Owns        the line of a call and of an answer, and how lines are thinned when there are too many.
 * Invariants  1. Every line begins `- #seq`, so that lines can be found again in a record (./merge.ts).
 */
import { oneLine } from "../kit/cut.ts";
import { tokensOf } from "../kit/tokens.ts";
import type { Entry } from "../thread/entry.ts";
import { callInput, contentText, isCall, isMessage, isOutput } from "../wire/item.ts";
import { outcomeOf } from "./outcome.ts";
import { type CallMeaning, meaningOf, patchPaths } from "./tool-kinds.ts";

const INPUT_CHARS = 140;
const SAID_CHARS = 240;

/** One line for each call and each thing the model said in `entries`, oldest first. */
export function digestLines(entries: readonly Entry[]): string[] {
  const lines: { seq: number; text: string; end: string }[] = [];
  const waiting = new Map<string, { seq: number; text: string; end: string }>();
  for (const entry of entries) {
    if (entry.kind === "note")
      lines.push({ seq: entry.seq, text: `note: ${oneLine(entry.text, SAID_CHARS)}`, end: "" });
    if (entry.kind !== "item") continue;
    const { item, seq } = entry;
    if (isCall(item)) {
      const head = describe(meaningOf(item)) || oneLine(callInput(item), INPUT_CHARS);
      const line = { seq, text: `${item.name} ${head}`.trimEnd(), end: " → no outcome yet" };
      waiting.set(item.call_id, line);
      lines.push(line);
    } else if (isOutput(item)) {
      const line = waiting.get(item.call_id);
      if (line) line.end = ` → ${printOutcome(contentText(item.output), entry.result)}`;
    } else if (isMessage(item, "assistant")) {
      const said = oneLine(contentText(item.content), SAID_CHARS);
      if (said !== "") lines.push({ seq, text: `said: ${said}`, end: "" });
    }
  }
  return lines.map(({ seq, text, end }) => `- #${seq} ${text}${end}`);
}

function describe(meaning: CallMeaning): string {
  switch (meaning.kind) {
    case "command":
      return oneLine(meaning.command, INPUT_CHARS);
    case "input":
      return `session ${meaning.session} ${oneLine(JSON.stringify(meaning.text), 60)}`;
    case "patch":
      return oneLine(
        patchPaths(meaning.text)
          .map(({ path, change }) => `${change} ${path}`)
          .join(", "),
        INPUT_CHARS,
      );
    case "write":
    case "edit":
    case "read":
      return oneLine(meaning.path, INPUT_CHARS);
    case "plan":
      return `${meaning.steps.filter(({ status }) => status === "completed").length} of ${meaning.steps.length} done`;
    case "plan-add":
      return oneLine(meaning.step, INPUT_CHARS);
    default:
      return "";
  }
}

/** How a call ended, in a few words: its exit, and for a failure the line that says most. */
function printOutcome(text: string, result: Parameters<typeof outcomeOf>[1]): string {
  const outcome = outcomeOf(text, result);
  if (outcome.running !== null) return `runs as session ${outcome.running}`;
  const end = outcome.exit === null ? (outcome.ok ? "ok" : "failed") : `exit ${outcome.exit}`;
  return outcome.ok ? end : `${end}: ${oneLine(tellingLine(text), 120)}`;
}

function tellingLine(text: string): string {
  const lines = text
    .slice(0, 20_000)
    .split("\n")
    .filter((line) => line.trim() !== "");
  return lines.find((line) => /error|fail|cannot|not found|denied|exception/i.test(line)) ?? lines.at(-1) ?? "";
}

/**
 * Thin lines to a budget, oldest first: each step back keeps fewer, the newest are kept whole.
 *
 * @returns the lines kept, with a line that counts what was left out
 */
export function thin(lines: readonly string[], tokens: number): string[] {
  const size = (line: string) => tokensOf(line) + 1;
  let total = lines.reduce((sum, line) => sum + size(line), 0);
  if (total <= tokens) return [...lines];
  const drop = new Set<number>();
  const room = Math.max(0, tokens - 16);
  // Successful calls go before failures and words; within that, the oldest go first.
  for (const isKept of [(line: string) => !/ → (exit 0|ok)$/.test(line), () => false]) {
    for (const [index, line] of lines.entries()) {
      if (total <= room) break;
      if (drop.has(index) || isKept(line)) continue;
      drop.add(index);
      total -= size(line);
    }
  }
  return [`- … ${drop.size} older lines are in the log only`, ...lines.filter((_, index) => !drop.has(index))];
}
