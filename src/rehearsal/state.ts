/**
 * State: where the migration stands, replayed from the history of one request.
 *
 * Owns        what each deed means for the work: a page of the survey, a piece of a file, a patch, a test run.
 * Invariants  1. The same items give the same state; nothing is kept between requests.
 *             2. What a fold must not take stands in the plan: the tests before, files left, files tried again.
 */
import type { Deed, History, PlanStep } from "./history.ts";
import { needsOf } from "./least-node.ts";
import { isCountable, isMissing, readOutcome, readTestRun, type TestRun } from "./outcome.ts";
import { addedLines, patchedFiles } from "./patch-text.ts";
import * as phrases from "./phrases.ts";
import { addPiece, type Reading, readTarget } from "./reading.ts";
import { parseSurveyPage, type SurveyFile, type SurveyHead } from "./survey.ts";
import { SURVEY_MARK } from "./survey-script.ts";

/** The newest run of the tests. */
export interface LastRun {
  readonly purpose: "before" | "with" | "last";
  readonly files: readonly string[];
  readonly output: string | null;
  /** How often it was started again, or asked for. */
  readonly asked: number;
}

export interface State {
  head: SurveyHead | null;
  /** Files of the survey so far, in its order, as patches have changed them since. */
  files: Map<string, SurveyFile>;
  total: number;
  /** Surveys begun since the last patch. */
  surveys: number;
  readings: Map<string, Reading>;
  plan: readonly PlanStep[] | null;
  before: TestRun | null;
  git: phrases.GitState;
  /** CommonJS files at the start; -1 while not known. */
  count: number;
  last: LastRun | null;
  /** Files patched and not tested yet, and the patch. */
  pending: readonly string[];
  patch: string | null;
  left: Map<string, string>;
  again: Set<string>;
  refused: Map<string, number>;
  /** The last command that puts files back, while it has not worked. */
  badRestore: Deed | null;
  /** Commands in a row that were not even run. */
  unrun: number;
  /** The answer to the last of them. */
  refusal: string;
  /** Has anything been changed, as far as the view tells, or may it have been before a fold? */
  changed: boolean;
}

/** Replay a history. */
export function readState(history: History): State {
  const state: State = {
    head: null,
    files: new Map(),
    total: -1,
    surveys: 0,
    readings: new Map(),
    plan: null,
    before: null,
    git: "none",
    count: -1,
    last: null,
    pending: [],
    patch: null,
    left: new Map(),
    again: new Set(),
    refused: new Map(),
    badRestore: null,
    unrun: 0,
    refusal: "",
    changed: history.records.length > 0,
  };
  for (const record of history.records) takeRecord(state, record);
  for (const happening of history.happenings) {
    if (happening.kind === "plan") takePlan(state, happening.steps);
    else if (happening.tool !== "update_plan") takeDeed(state, happening);
  }
  for (const file of askedToLeave(history.users)) if (!state.left.has(file)) state.left.set(file, "you asked for it");
  return state;
}

export const isSurveyed = ({ total, files }: State): boolean => total !== -1 && files.size >= total;

function takeRecord(state: State, record: string): void {
  takeMeasure(state, record);
  const { left, again } = phrases.readRecord(record);
  for (const [file, reason] of left) state.left.set(file, reason);
  for (const file of again) state.again.add(file);
}

function takeMeasure(state: State, text: string): void {
  const before = phrases.readBeforeStep(text);
  if (before === null) return;
  state.before = before.run;
  state.git = before.git;
  state.count = before.count;
}

function takePlan(state: State, steps: readonly PlanStep[]): void {
  if (steps.length === 0) return;
  state.plan = steps;
  for (const { step } of steps) {
    takeMeasure(state, step);
    const left = phrases.readLeftStep(step);
    if (left !== null) state.left.set(left.file, left.reason);
    const again = phrases.readAgainStep(step);
    if (again !== null) state.again.add(again);
  }
}

function takeDeed(state: State, deed: Deed): void {
  if (deed.tool === "apply_patch") return takePatch(state, deed);
  if (deed.tool === "write_stdin" && state.last !== null) {
    state.last = { ...state.last, output: deed.output, asked: state.last.asked + 1 };
    return takeBefore(state);
  }
  if (deed.tool !== "exec_command") return;
  const { kind, body } = readOutcome(deed.output);
  state.unrun = kind === "unknown" ? state.unrun + 1 : 0;
  state.refusal = body.split("\n")[0] ?? "";
  const target = readTarget(deed.input);
  if (deed.input.startsWith(SURVEY_MARK)) takeSurvey(state, deed);
  else if (target !== null) {
    state.readings.set(
      target.file,
      addPiece(state.readings.get(target.file), target.from, target.to, deed.output ?? ""),
    );
  } else if (phrases.readPutBack(deed.said) !== null) takeBack(state, deed);
  else takeTests(state, deed);
}

function takeSurvey(state: State, deed: Deed): void {
  const page = parseSurveyPage(readOutcome(deed.output).body);
  const isFirst = deed.input.endsWith("' 0");
  if (isFirst) {
    state.surveys++;
    state.files = new Map();
    state.total = -1;
  }
  if (page === null) return;
  if (isFirst) {
    state.head = page.head;
    if (state.before === null) state.git = page.head.git;
  }
  state.total = page.total;
  for (const file of page.files) state.files.set(file.path, file);
}

function takeTests(state: State, deed: Deed): void {
  const files = phrases.readTestsWith(deed.said);
  const isBefore = deed.said.includes(phrases.TESTS_BEFORE);
  if (files === null && !isBefore && !deed.said.includes(phrases.TESTS_LAST)) return;
  const purpose = isBefore ? "before" : files === null ? "last" : "with";
  const isSame = state.last?.purpose === purpose && state.last.files.join() === (files ?? []).join();
  state.last = { purpose, files: files ?? [], output: deed.output, asked: isSame ? state.last!.asked + 1 : 1 };
  if (purpose === "with") state.pending = [];
  takeBefore(state);
}

/** The first run is the measure for all others. */
function takeBefore(state: State): void {
  const outcome = readOutcome(state.last!.output);
  if (state.last!.purpose !== "before" || outcome.kind !== "ended") return;
  const run = readTestRun(outcome);
  if (isCountable(run) || isMissing(run) || state.last!.asked > 1) state.before = run;
}

function takePatch(state: State, deed: Deed): void {
  const files = patchedFiles(deed.input);
  for (const file of files) state.readings.delete(file);
  const isBack = phrases.readPutBack(deed.said) !== null;
  if (deed.output?.startsWith("Patch not applied")) {
    for (const file of files) state.refused.set(file, (state.refused.get(file) ?? 0) + 1);
    if (isBack) state.badRestore = deed;
    return;
  }
  if (isBack) return takeBack(state, deed);
  state.patch = deed.input;
  state.pending = files;
  state.last = state.last?.purpose === "before" ? state.last : null;
  state.surveys = 0;
  state.changed = true;
  for (const file of files) {
    const known = state.files.get(file);
    if (known === undefined) continue;
    const needs = [...new Set([...known.needs, ...needsOf(addedLines(deed.input, file))])];
    state.files.set(file, { ...known, kind: "esm", needs });
  }
  if (files.includes("package.json")) takeType(state, deed.input);
  // Nobody knows whether an interrupted patch was applied: look again.
  if (!deed.output?.startsWith("Patch applied")) state.total = -1;
}

function takeType(state: State, patch: string): void {
  if (state.head === null) return;
  if (/^\+.*"type": "module"/m.test(patch)) state.head = { ...state.head, type: "module" };
  else if (/^-.*"type": "commonjs"/m.test(patch)) state.head = { ...state.head, type: null };
}

/** Files were put back: they are what they were before the patch, so they are surveyed anew. */
function takeBack(state: State, deed: Deed): void {
  const outcome = readOutcome(deed.output);
  const isDone =
    deed.tool === "apply_patch"
      ? deed.output?.startsWith("Patch applied")
      : outcome.kind === "ended" && outcome.number === 0;
  state.badRestore = isDone ? null : deed;
  for (const file of phrases.readPutBack(deed.said)!) {
    state.readings.delete(file);
    if (deed.said.includes(phrases.AGAIN)) state.again.add(file);
    else if (!state.left.has(file)) state.left.set(file, "the tests fail with it");
  }
  state.total = -1;
  state.surveys = 0;
  state.pending = [];
  state.last = null;
}

/** Files named in a sentence that asks to leave them alone. */
function askedToLeave(users: readonly string[]): string[] {
  const sentences = users.flatMap((text) => text.split(/(?<=[.!?])\s|\n/));
  const asking = sentences.filter((one) => /\b(?:leave|skip|don't touch|do not touch|keep)\b/i.test(one));
  return asking.flatMap((one) => one.match(/[\w@./-]+\.[cm]?js\b/g) ?? []).map((file) => file.replace(/^\.\//, ""));
}
