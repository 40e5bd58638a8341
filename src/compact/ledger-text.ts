/**
 * Ledger text: the ledger as the model reads it, most useful first, under a cap.
 *
 * Invariants  1. What was changed, the last state of each check and the open plan come before all else and
 *                are cut last.
 *             2. Whatever is left out is counted.
 */
import { oneLine } from "../kit/cut.ts";
import { tokensOf } from "../kit/tokens.ts";
import type { Ledger } from "./ledger.ts";

/** A heading and its entries, the most useful first. */
interface Section {
  readonly heading: string;
  readonly lines: readonly string[];
  /** One line each, or all on the heading's own line. */
  readonly isList: boolean;
}

/**
 * Print the ledger.
 *
 * @param tokens the most it may take
 * @returns empty when it knows nothing yet
 */
export function printLedger(ledger: Ledger, tokens: number): string {
  const sections = [
    checks(ledger),
    plan(ledger),
    ...changedFiles(ledger),
    processes(ledger),
    openRequests(ledger),
    commands(ledger),
    readFiles(ledger),
  ].filter(({ lines }) => lines.length > 0);
  if (sections.length === 0) return "";
  const opening = `Ledger, kept by code from the log; state after #${ledger.seq}.`;
  const out = [opening];
  let left = tokens - tokensOf(opening);
  for (const section of sections) {
    const block = printSection(section, left);
    if (block === null) continue;
    out.push(block);
    left -= tokensOf(block) + 1;
  }
  return out.join("\n");
}

/** As many entries as fit, and how many were left out; null when not even one fits. */
function printSection({ heading, lines, isList }: Section, tokens: number): string | null {
  const taken: string[] = [];
  let left = tokens - tokensOf(heading) - 8;
  for (const line of lines) {
    left -= (tokensOf(line) * 4 + 2) / 4;
    if (left < 0) break;
    taken.push(line);
  }
  if (taken.length === 0) return null;
  const cut = lines.length - taken.length;
  if (isList) return [heading, ...taken, ...(cut > 0 ? [`- … and ${cut} more in the log`] : [])].join("\n");
  return `${heading} ${taken.join(", ")}${cut > 0 ? ` … and ${cut} more in the log` : ""}`;
}

/** What was done to files, a line for each kind of change; within it the newest first. */
function changedFiles({ files }: Ledger): Section[] {
  const all = Object.entries(files).toReversed();
  return (["created", "edited", "deleted"] as const).map((state) => ({
    heading: `Files ${state}:`,
    isList: false,
    lines: all
      .filter(([, file]) => file.state === state)
      .map(([path, { edits, reverted, seq }]) => {
        const many = edits > 1 ? ` ×${edits}` : "";
        return `${path}${many} #${seq}${reverted ? " (by a reverted step)" : ""}`;
      }),
  }));
}

function checks(ledger: Ledger): Section {
  const lines = Object.entries(ledger.checks).map(([command, { state, exit, seq, failing }]) => {
    const code = exit === null ? "" : `, exit code ${exit}`;
    const names = failing.length > 0 ? `; failing: ${failing.map((name) => oneLine(name, 100)).join("; ")}` : "";
    return `- ${state}: ${oneLine(command, 160)}${code} #${seq}${names}`;
  });
  return { heading: "Checks, last state of each:", isList: true, lines: lines.toReversed() };
}

const MARKS = { completed: "[x]", in_progress: "[>]", pending: "[ ]" } as const;

function plan({ plan }: Ledger): Section {
  if (!plan) return { heading: "", isList: true, lines: [] };
  const lines = plan.steps.map(({ step, status }) => `${MARKS[status]} ${oneLine(step, 300)}`);
  // Open steps are cut last: where the plan is long, they stand first.
  const isOpen = (line: string) => !line.startsWith(MARKS.completed);
  const isLong = tokensOf(lines.join("\n")) > 200;
  const shown = isLong ? [...lines.filter(isOpen), ...lines.filter((line) => !isOpen(line))] : lines;
  return { heading: `Plan #${plan.seq}:`, isList: true, lines: shown };
}

function processes(ledger: Ledger): Section {
  const lines = Object.entries(ledger.processes).map(
    ([session, { command, seq }]) => `- session ${session}: ${oneLine(command, 120)} #${seq}`,
  );
  return { heading: "Still running when last seen:", isList: true, lines };
}

function openRequests({ requests }: Ledger): Section {
  const lines = requests.filter(({ state }) => state === "open").map(({ seq, head }) => `- #${seq} ${head}`);
  return { heading: "Requests not answered yet:", isList: true, lines };
}

function commands(ledger: Ledger): Section {
  const all = Object.entries(ledger.commands).toReversed();
  const ranked = [...all.filter(([, { runs }]) => runs > 1), ...all.filter(([, { runs }]) => runs === 1)];
  const lines = ranked.map(([command, { runs, exit, ok, seq }]) => {
    const end = exit === null ? (ok ? "" : " failed") : exit === 0 ? "" : ` exit code ${exit}`;
    return `- ${command}${runs > 1 ? ` ×${runs}` : ""}${end} #${seq}`;
  });
  return { heading: "Commands run (repeated ones first, newest first):", isList: true, lines };
}

function readFiles({ files }: Ledger): Section {
  const read = Object.entries(files).filter(([, { state }]) => state === "read");
  const lines = read.toReversed().map(([path, { seq }]) => `${path} #${seq}`);
  return { heading: "Files read and not changed:", isList: false, lines };
}
