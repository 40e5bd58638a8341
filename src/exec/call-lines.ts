/** Call lines: how the outcome of a call looks on a page for people. */
import type { CallResult } from "../thread/entry.ts";
import type { Call, Output } from "../wire/item.ts";
import { hasRun, outputBody, type PlanStep, storyOf } from "./call-story.ts";
import { patchLines } from "./patch-text.ts";
import type { Paint, Screen } from "./screen.ts";
import { count, plural, span } from "./words.ts";

const PATCH_LINES = 60;
const TAIL_LINES = 5;

/** The lines that tell how a call ended: a diff, a plan, or exit code, time and size; the tail of a failure. */
export function outcomeLines(
  screen: Screen,
  { call, output, result }: { readonly call: Call; readonly output: Output; readonly result: CallResult },
  { title, ms }: { readonly title: string; readonly ms: number },
): string[] {
  const story = storyOf(call);
  const isGood = result.ok && (result.exit ?? 0) === 0;
  const body = outputBody(output);
  if (isGood && story.kind === "plan") return planLines(screen, story.steps);
  const patch = story.kind === "patch" || story.kind === "command" ? story.patch : "";
  const isPatched = isGood && patch !== "" && (story.kind === "patch" || result.files !== undefined);
  const facts = [verdict(result), span(result.durationMs ?? ms)];
  if (hasRun(result)) facts.push(linesOf(body));
  const mark = result.running !== undefined ? "…" : isGood ? "✓" : "✗";
  const words = `${title === "" ? "" : `${screen.fit(title, 30)}: `}${facts.join(" · ")}`;
  return [
    screen.paint(`  ${mark} ${words}`, isGood ? "dim" : "red"),
    ...(isPatched ? diffLines(screen, patch) : []),
    ...(isGood ? [] : tailLines(screen, body)),
  ];
}

/** A patch as coloured lines, at most 60 of them and a count of the rest. */
export function diffLines(screen: Screen, patch: string): string[] {
  const paints: Readonly<Record<string, readonly Paint[]>> = {
    file: ["bold"],
    hunk: ["cyan"],
    added: ["green"],
    removed: ["red"],
  };
  const lines = patchLines(patch);
  const shown = lines.slice(0, PATCH_LINES).map(({ kind, text }) => {
    const indent = kind === "file" ? "  " : "    ";
    return `${indent}${screen.paint(screen.fit(text, indent.length), ...(paints[kind] ?? []))}`;
  });
  const rest = lines.length - shown.length;
  return rest === 0 ? shown : [...shown, screen.paint(`    … ${plural(rest, "more line")}`, "dim")];
}

function planLines(screen: Screen, steps: readonly PlanStep[]): string[] {
  const boxes = { completed: "[x]", in_progress: "[>]", pending: "[ ]" };
  return steps.map(({ text, status }) => {
    const words = `  ${boxes[status]} ${screen.fit(text, 6)}`;
    return status === "in_progress" ? screen.paint(words, "bold") : words;
  });
}

function verdict(result: CallResult): string {
  if (result.running !== undefined) return `still runs as session ${result.running}`;
  if (result.signal !== undefined) return `ended by ${result.signal}`;
  if (result.exit !== undefined) return `exit ${result.exit}`;
  return result.ok ? "done" : "failed";
}

/** How many lines there were; of an output that was cut also how many the model saw. */
function linesOf(body: string): string {
  const shown = lineCount(body);
  const cut = /^\[… [\d,]+ tokens in ([\d,]+) lines left out/m.exec(body);
  if (!cut) return plural(shown, "line");
  return `${plural(shown - 1 + Number((cut[1] as string).replaceAll(",", "")), "line")}, ${count(shown - 1)} shown`;
}

const lineCount = (body: string): number => (body === "" ? 0 : body.replace(/\n$/, "").split("\n").length);

function tailLines(screen: Screen, body: string): string[] {
  const lines = body.split("\n").filter((text) => text.trim() !== "");
  return lines.slice(-TAIL_LINES).map((text) => screen.paint(`    ${screen.fit(text, 4)}`, "dim"));
}
