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

/** A heading and its lines, the most useful first. */
interface Section {
  readonly heading: string;
  readonly lines: readonly string[];
}

/**
 * Print the ledger.
 *
 * @param tokens the most it may take
 * @returns empty when it knows nothing yet
 */
export function printLedger(ledger: Ledger, tokens: number): string {
  const sections = [
    changedFiles(ledger),
    checks(ledger),
    plan(ledger),
    processes(ledger),
    openRequests(ledger),
    commands(ledger),
    readFiles(ledger),
  ].filter(({ lines }) => lines.length > 0);
  if (sections.length === 0) return "";
  const out = [`Ledger, kept by code from the log; state after #${ledger.seq}.`];
  let left = tokens - tokensOf(out[0] as string) - sections.length * 8;
  for (const { heading, lines } of sections) {
    const fitting = takeFitting(lines, left - tokensOf(heading) - 2);
    if (fitting.length === 0 && lines.length > 0 && left < 40) continue;
    const cut = lines.length - fitting.length;
    const block = [heading, ...fitting, ...(cut > 0 ? [`- … and ${cut} more in the log`] : [])];
    out.push(...block);
    left -= tokensOf(block.join("\n")) + 1;
  }
  return out.join("\n");
}

function takeFitting(lines: readonly string[], tokens: number): string[] {
  const taken: string[] = [];
  let left = tokens;
  for (const line of lines) {
    left -= tokensOf(line) + 1;
    if (left < 0) break;
    taken.push(line);
  }
  return taken;
}

function changedFiles({ files }: Ledger): Section {
  const changed = Object.entries(files).filter(([, file]) => file.state !== "read");
  const lines = changed.map(([path, { state, seq, edits, reverted }]) => {
    const many = edits > 1 ? ` ×${edits}` : "";
    return `- ${state}${reverted ? " (by a reverted step)" : ""}: ${path}${many} #${seq}`;
  });
  return { heading: "Files changed:", lines: lines.toReversed() };
}

function checks(ledger: Ledger): Section {
  const lines = Object.entries(ledger.checks).map(([command, { state, exit, seq, failing }]) => {
    const code = exit === null ? "" : `, exit code ${exit}`;
    const names = failing.length > 0 ? `; failing: ${failing.map((name) => oneLine(name, 100)).join("; ")}` : "";
    return `- ${state}: ${oneLine(command, 160)}${code} #${seq}${names}`;
  });
  return { heading: "Checks, last state of each:", lines: lines.toReversed() };
}

const MARKS = { completed: "[x]", in_progress: "[>]", pending: "[ ]" } as const;

function plan({ plan }: Ledger): Section {
  if (!plan) return { heading: "", lines: [] };
  const lines = plan.steps.map(({ step, status }) => ({
    isOpen: status !== "completed",
    line: `${MARKS[status]} ${oneLine(step, 300)}`,
  }));
  const isLong = lines.length > 30;
  const shown = isLong ? [...lines.filter(({ isOpen }) => isOpen), ...lines.filter(({ isOpen }) => !isOpen)] : lines;
  return { heading: `Plan #${plan.seq}:`, lines: shown.map(({ line }) => line) };
}

function processes(ledger: Ledger): Section {
  const lines = Object.entries(ledger.processes).map(
    ([session, { command, seq }]) => `- session ${session}: ${oneLine(command, 120)} #${seq}`,
  );
  return { heading: "Still running when last seen:", lines };
}

function openRequests({ requests }: Ledger): Section {
  const lines = requests.filter(({ state }) => state === "open").map(({ seq, head }) => `- #${seq} ${head}`);
  return { heading: "Requests not answered yet:", lines };
}

function commands(ledger: Ledger): Section {
  const all = Object.entries(ledger.commands).toReversed();
  const ranked = [...all.filter(([, { runs }]) => runs > 1), ...all.filter(([, { runs }]) => runs === 1)];
  const lines = ranked.map(([command, { runs, exit, ok, seq }]) => {
    const end = exit === null ? (ok ? "" : " failed") : exit === 0 ? "" : ` exit code ${exit}`;
    return `- ${command}${runs > 1 ? ` ×${runs}` : ""}${end} #${seq}`;
  });
  return { heading: "Commands run (repeated ones first, newest first):", lines };
}

function readFiles({ files }: Ledger): Section {
  const read = Object.entries(files).filter(([, { state }]) => state === "read");
  return {
    heading: "Files read and not changed:",
    lines: read.toReversed().map(([path, { seq }]) => `- ${path} #${seq}`),
  };
}
