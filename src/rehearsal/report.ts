/** Report: the plan as it should stand, and the last message. */
import { type PlanStep, REPORT } from "./history.ts";
import { leastNode, REQUIRE_ESM, rulesOutBelow } from "./least-node.ts";
import { printTestRun, type TestRun } from "./outcome.ts";
import * as phrases from "./phrases.ts";
import { isSurveyed, type State } from "./state.ts";

/** Files that are CommonJS and could be modules: neither left, nor `.cjs` on purpose. */
export const openFiles = (state: State): string[] =>
  [...state.files.values()]
    .filter((file) => file.kind === "cjs" && !state.left.has(file.path))
    .map((file) => file.path);

/** work: files are converted; end: the tests run a last time; closed: all is done, and the report follows. */
export type Phase = "work" | "end" | "closed";

/** The plan for a state. What must survive a fold is a step that is still open. */
export function planFor(state: State, phase: Phase): PlanStep[] {
  const open = openFiles(state);
  const next = open[0] === undefined ? "" : phrases.folderOf(open[0]);
  const isClosed = phase === "closed";
  const status = (isDone: boolean, isNow: boolean): PlanStep["status"] =>
    isDone ? "completed" : isNow && phase === "work" ? "in_progress" : "pending";
  const steps: PlanStep[] = [];
  for (const [folder, count] of state.plan === null ? countFolders(state) : oldFolders(state.plan)) {
    const isDone = !open.some((path) => phrases.folderOf(path) === folder);
    const left = leftFiles(state).filter((path) => phrases.folderOf(path) === folder).length;
    // Without a memory of the first plan a folder counts what there was to do when it was made.
    steps.push({
      step: phrases.convertStep(folder, Math.max(count, left), left),
      status: status(isDone, folder === next),
    });
  }
  for (const file of state.again) {
    if (!state.left.has(file)) {
      steps.push({ step: phrases.againStep(file), status: status(isClosed || !open.includes(file), false) });
    }
  }
  const isSettled = state.head?.type === "module" || (open.length === 0 && typeStep(state) !== phrases.TYPE_STEP);
  steps.push({ step: typeStep(state), status: status(isSettled, open.length === 0) });
  const last = phase === "end" ? "in_progress" : status(isClosed, false);
  steps.push({ step: phrases.LAST_STEP, status: last });
  for (const [file, reason] of state.left) {
    steps.push({ step: phrases.leftStep(file, reason), status: status(isClosed, false) });
  }
  if (state.before !== null) steps.push({ step: measureText(state), status: status(isClosed, false) });
  return steps;
}

/** Files that stay CommonJS although they could be modules. */
const leftFiles = ({ files, left }: State): string[] =>
  [...left.keys()].filter((path) => files.get(path)?.kind === "cjs");

function typeStep(state: State): string {
  if (state.head?.type === "module") return phrases.TYPE_STEP;
  if (state.left.has("package.json")) return phrases.LEFT_TYPE_STEP;
  return leftFiles(state).length > 0 ? phrases.NO_TYPE_STEP : phrases.TYPE_STEP;
}

export const measureText = (state: State): string => phrases.beforeStep(state.before!, state.git, startCount(state));

/** CommonJS files at the start; where nobody remembers, all that could have been. */
const startCount = ({ count, files, changed, plan }: State): number => {
  if (count >= 0) return count;
  const isNew = plan === null && !changed;
  return [...files.values()].filter(({ kind }) => kind === "cjs" || (!isNew && kind === "esm")).length;
};

function countFolders({ files }: State): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { path, kind } of files.values()) {
    if (kind === "cjs") counts.set(phrases.folderOf(path), (counts.get(phrases.folderOf(path)) ?? 0) + 1);
  }
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
    ...(planned > rest ? nodeLines(state) : []),
  ].join("\n");
}

/** On which Nodes the work was seen to run, on which it should, and what changes for those who run or require it. */
function nodeLines(state: State): string[] {
  const { head, files } = state;
  if (head === null) return [];
  const all = [...files.values()];
  const isMixed = all.some(({ kind }) => kind === "cjs");
  const least = leastNode(new Set(all.flatMap((file) => (file.kind === "esm" ? file.needs : []))), isMixed);
  const isWider = head.engines !== null && !rulesOutBelow(head.engines, ...least.version);
  const engines = isWider ? `; package.json allows older ones with "engines": { "node": "${head.engines}" }` : "";
  const entries = all.filter((file) => file.isEntry && file.kind === "esm" && file.shape !== "none");
  return [
    `Node: the tests ran on ${head.node} alone; the conversion needs ${least.text}${engines}`,
    ...(entries.length === 0 ? [] : [entryText(entries.map(({ path }) => path))]),
    ...(isMixed && head.type === null ? [WARNING] : []),
  ];
}

const entryText = (paths: readonly string[]): string =>
  `Entries: require() of ${paths.join(", ")} gives the same names or value as before, but from now on needs Node ${REQUIRE_ESM}`;

const WARNING =
  'Every run will print the warning MODULE_TYPELESS_PACKAGE_JSON: silence it with NODE_OPTIONS=--disable-warning=MODULE_TYPELESS_PACKAGE_JSON, or rename the files left to .cjs, with the names in require and import, and set "type": "module"';

function typeText({ head, left, files }: State): string {
  if (head?.type === "module") return '"type": "module"';
  const isMixed = [...files.values()].some((file) => file.kind === "cjs");
  if (isMixed) return '"type" is not set, because some files are still CommonJS; Node tells them apart by their syntax';
  return left.has("package.json") ? 'without "type", see above' : 'without "type"';
}
