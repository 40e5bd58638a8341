/** Report: the plan as it should stand, and the last message. */
import { type PlanStep, REPORT } from "./history.ts";
import { printTestRun, type TestRun } from "./outcome.ts";
import * as phrases from "./phrases.ts";
import { isSurveyed, type State } from "./state.ts";

/** Files that are CommonJS and could be modules: neither left, nor `.cjs` on purpose. */
export const openFiles = (state: State): string[] =>
  [...state.files.values()]
    .filter((file) => file.kind === "cjs" && !state.left.has(file.path))
    .map((file) => file.path);

/** The plan for a state. What must survive a fold is a step that is still open. */
export function planFor(state: State, phase: "work" | "end"): PlanStep[] {
  const open = openFiles(state);
  const folders = state.plan === null ? countFolders(open) : oldFolders(state.plan);
  const next = open[0] === undefined ? "" : phrases.folderOf(open[0]);
  const isEnd = phase === "end";
  const status = (isDone: boolean, isNow: boolean): PlanStep["status"] =>
    isDone || isEnd ? "completed" : isNow ? "in_progress" : "pending";
  // A ledger with little room cuts a plan from its end: what must not be forgotten stands first.
  const steps: PlanStep[] = [];
  if (state.before !== null) steps.push({ step: measureText(state), status: status(false, false) });
  for (const [file, reason] of state.left) {
    steps.push({ step: phrases.leftStep(file, reason), status: status(false, false) });
  }
  for (const file of state.again) {
    if (!state.left.has(file)) {
      steps.push({ step: phrases.againStep(file), status: status(!open.includes(file), false) });
    }
  }
  for (const [folder, count] of folders) {
    const isDone = !open.some((path) => phrases.folderOf(path) === folder);
    steps.push({ step: phrases.convertStep(folder, count), status: status(isDone, folder === next) });
  }
  steps.push({ step: phrases.TYPE_STEP, status: status(state.head?.type === "module", open.length === 0) });
  steps.push({ step: phrases.LAST_STEP, status: isEnd ? "in_progress" : "pending" });
  return steps;
}

export const measureText = (state: State): string => phrases.beforeStep(state.before!, state.git, startCount(state));

/** CommonJS files at the start; where nobody remembers, all that could have been. */
const startCount = ({ count, files, changed, plan }: State): number => {
  if (count >= 0) return count;
  const isNew = plan === null && !changed;
  return [...files.values()].filter(({ kind }) => kind === "cjs" || (!isNew && kind === "esm")).length;
};

function countFolders(paths: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const path of paths) counts.set(phrases.folderOf(path), (counts.get(phrases.folderOf(path)) ?? 0) + 1);
  return counts;
}

function oldFolders(plan: readonly PlanStep[]): Map<string, number> {
  const steps = plan.map(({ step }) => phrases.readConvertStep(step)).filter((one) => one !== null);
  return new Map(steps.map(({ folder, count }) => [folder, count]));
}

/** Does the plan need to be told again? The step at hand may move without that. */
export const isStale = (state: State, wanted: readonly PlanStep[]): boolean => {
  const done = (steps: readonly PlanStep[]): string =>
    steps.map(({ step, status }) => `${status === "completed"} ${step}`).join("\n");
  return state.plan === null || done(state.plan) !== done(wanted);
};

/** The last message, in a form that does not change. */
export function reportText(state: State, now: TestRun | null, trouble: string | null): string {
  const planned = startCount(state);
  const rest = [...state.files.values()].filter((file) => file.kind === "cjs").length;
  const left = [...state.left].map(([file, reason]) => `- ${file}: ${reason}`);
  const unfinished = openFiles(state);
  return [
    `${REPORT}. ${phrases.OUTRO}`,
    ...(trouble === null ? [] : [`Stopped early: ${trouble}`]),
    isSurveyed(state)
      ? `Converted to ES modules: ${Math.max(0, planned - rest)} of ${planned} files`
      : "Converted to ES modules: not counted",
    left.length === 0 ? "Left as it was: nothing" : `Left as it was:\n${left.join("\n")}`,
    ...(unfinished.length === 0 ? [] : [`Not reached: ${unfinished.join(", ")}`]),
    `package.json: ${typeText(state)}`,
    `Tests before: ${state.before === null ? "not run" : printTestRun(state.before)}`,
    `Tests after: ${now === null ? "not run" : printTestRun(now)}`,
  ].join("\n");
}

function typeText({ head, left, files }: State): string {
  if (head?.type === "module") return '"type": "module"';
  const isMixed = [...files.values()].some((file) => file.kind === "cjs");
  if (isMixed) return '"type" is not set, because some files are still CommonJS; Node tells them apart by their syntax';
  return left.has("package.json") ? 'without "type", see above' : 'without "type"';
}
