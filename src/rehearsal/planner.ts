/**
 * Planner: the rehearsal model. It migrates a package from CommonJS to ES modules by rules.
 *
 * Owns        what to do next: survey, test, read, patch, test, put back, report.
 * Is not      a tape: it knows no package, and decides from nothing but the items of the request.
 * Invariants  1. Each reply either calls a tool that brings the work forward or ends it with a report.
 *             2. A patch that makes the tests worse is put back, and the file is reported as left.
 */
import { type Item, parseItem } from "../wire/item.ts";
import { convert } from "./convert.ts";
import { type History, readHistory } from "./history.ts";
import { isAtLeast } from "./least-node.ts";
import { unitsOf } from "./order.ts";
import { isAsGood, newTrouble, readOutcome, readTestRun, whyNoCheck } from "./outcome.ts";
import { withModuleType, withoutCommonType } from "./package-json.ts";
import { type FileText, inversePatch, patchText } from "./patch-text.ts";
import * as phrases from "./phrases.ts";
import { readCommand, textOf } from "./reading.ts";
import { type Reply, say, Tools, type ToolUse } from "./reply.ts";
import { isStale, measureText, openFiles, type Phase, planFor, reportText } from "./report.ts";
import { factsFor } from "./resolve.ts";
import { isSurveyed, readState, type State } from "./state.ts";
import { SURVEY_MARK, surveyCommand } from "./survey-script.ts";

interface Work {
  readonly tools: Tools;
  readonly state: State;
  readonly history: History;
}

const LIMITS = { files: 250, surveys: 4, unrun: 6, testTries: 3, polls: 40, refusals: 2, readsAtOnce: 8 };
const MARK_IN_RECORD = SURVEY_MARK.slice(0, "node -e '/* survey".length);

const FOREIGN = `${phrases.INTRO} The one thing I can do is to migrate a JavaScript package from CommonJS to ES modules in the working directory, with its own tests as the check; ask me for that. For anything else, connect a real model.`;

/**
 * Answer one request.
 *
 * @param body the parsed body of POST /v1/responses
 * @throws {TypeError} when an item of the input cannot be read
 */
export async function plan(body: Record<string, unknown>): Promise<Reply> {
  const items = itemsOf(body.input);
  const history = readHistory(items);
  const tools = new Tools(body.tools);
  if (!isMigration(history)) return say(FOREIGN);
  if (!tools.has("exec_command") || !tools.has("apply_patch")) {
    return say(`${phrases.INTRO} I need the tools exec_command and apply_patch, and this request does not offer them.`);
  }
  const work: Work = { tools, history, state: readState(history) };
  const reply = await decide(work);
  return history.isFresh && reply.calls.length > 0 ? { ...reply, text: `${phrases.INTRO}\n\n${reply.text}` } : reply;
}

function itemsOf(input: unknown): Item[] {
  if (typeof input === "string") return [parseItem({ role: "user", content: input })];
  return Array.isArray(input) ? input.map((item) => parseItem(item)) : [];
}

function isMigration({ users, hasReported }: History): boolean {
  const asks = (text: string): boolean =>
    /common\s?js|\bcjs\b|\brequire\b/i.test(text) && /es\s?modules?|\besm\b|ecmascript module|\bimport/i.test(text);
  return hasReported ? asks(users.at(-1) ?? "") : users.some(asks);
}

async function decide(work: Work): Promise<Reply> {
  const { state } = work;
  if (state.unrun >= LIMITS.unrun) return stop(work, `my commands are not run: ${state.refusal.slice(0, 120)}`);
  if (state.badRestore !== null) return afterBadRestore(work);
  if (!isSurveyed(state)) return survey(work);
  const { head } = state;
  if (head === null || head.error !== null) {
    return say(`There is no package.json that can be read in the working directory (${head?.error}). ${FOREIGN}`);
  }
  if (head.test === null)
    return say(`${head.name} has no test script, and without a check I convert nothing. ${phrases.OUTRO}`);
  if (!canMix(head.node)) return say(oldNode(head.node));
  const isBegun = state.plan !== null || state.changed;
  if (!isBegun && openFiles(state).length === 0) return say(nothingToDo(state));
  if (state.files.size > LIMITS.files)
    return say(`${state.files.size} files are too many for a rehearsal. ${phrases.OUTRO}`);
  if (state.before === null) return testsBefore(work);
  const noCheck = isBegun ? null : whyNoCheck(state.before);
  if (noCheck !== null)
    return say(`${head.name}: ${noCheck}. Without a test that passes I convert nothing. ${phrases.OUTRO}`);
  if (state.pending.length > 0) return runTests(work, phrases.testsWith(state.pending), state.pending);
  if (state.last?.purpose === "with") {
    const reply = afterTests(work, state.last.files);
    if (reply !== null) return reply;
  }
  return nextStep(work);
}

/** Both kinds of module side by side: `require` of ES modules, and a file's kind told by its syntax. */
const canMix = (version: string): boolean =>
  isAtLeast(version, 22, 12) || (version.startsWith("20.") && isAtLeast(version, 20, 19));
const oldNode = (version: string): string =>
  `The node on the PATH is ${version}. Node 22.12 or newer is needed, since CommonJS files and ES modules stand side by side until the last one is converted. ${phrases.OUTRO}`;

const nothingToDo = ({ head, left }: State): string =>
  `${head!.name}: no CommonJS file is left to convert${left.size > 0 ? " beside those you want left alone" : ""}. ${phrases.OUTRO}`;

function survey(work: Work): Reply {
  const { state, history } = work;
  const surveyed = history.records.join("\n").split("apply_patch").at(-1)!.split(MARK_IN_RECORD).length - 1;
  if (state.surveys >= LIMITS.surveys || surveyed >= LIMITS.surveys) {
    return stop(
      work,
      "I have looked through the package several times without getting on; is the context window too small?",
    );
  }
  if (state.files.size > LIMITS.files)
    return say(`${state.files.size} files are too many for a rehearsal. ${phrases.OUTRO}`);
  const isOn = state.total !== -1;
  const text = isOn
    ? "The rest of the files."
    : "I look through the package: which files are there, and who requires whom?";
  return { text, calls: [exec(work, surveyCommand(isOn ? state.files.size : 0))] };
}

function testsBefore(work: Work): Reply {
  const last = work.state.last;
  const outcome = last === null ? null : readOutcome(last.output);
  if (last !== null && outcome!.kind === "running") return poll(work, outcome!.number, phrases.TESTS_BEFORE);
  if (last !== null && last.asked >= LIMITS.testTries) return stop(work, "the tests could not be run");
  return runTests(work, phrases.TESTS_BEFORE, null);
}

/** Run the package's tests; `files` null: as the package has them. */
function runTests(work: Work, text: string, files: readonly string[] | null): Reply {
  const { test, hasHooks, type } = work.state.head!;
  const { before, last } = work.state;
  const command = hasHooks || !/^node\b[^&|;]*$/.test(test!) ? "npm test" : test!;
  // Until package.json says "module", Node warns about every file whose kind it had to find out.
  const quiet =
    files === null || type === "module" ? "" : "NODE_OPTIONS=--disable-warning=MODULE_TYPELESS_PACKAGE_JSON ";
  // A long red output may lose its counts in the middle: then only the lines that matter are printed.
  const isRed =
    before === null ? last?.purpose === "before" && readOutcome(last.output).kind === "ended" : before.exit !== 0;
  return { text, calls: [exec(work, isRed ? briefly(quiet + command) : quiet + command)] };
}

const briefly = (command: string): string =>
  `out=$(${command} 2>&1); code=$?; printf '%s\\n' "$out" | grep -aE '^(ℹ|#) (pass|fail) |^ *(✖|✕|×|●|not ok|[0-9]+\\))|Error|Cannot find|not found|passing|failing|passed|failed' | tail -n 20; exit $code`;

function poll(work: Work, session: number, text: string): Reply {
  if (!work.tools.has("write_stdin") || work.state.last!.asked > LIMITS.polls)
    return stop(work, "the tests do not come to an end");
  return { text, calls: [work.tools.call("write_stdin", { session_id: session, chars: "" })] };
}

/** Judge a run with converted files; null when it is as good as before and the work goes on. */
function afterTests(work: Work, files: readonly string[]): Reply | null {
  const { state } = work;
  const last = state.last!;
  const outcome = readOutcome(last.output);
  if (outcome.kind === "running") return poll(work, outcome.number, phrases.testsWith(files));
  if (outcome.kind === "unknown") {
    if (last.asked >= LIMITS.testTries) return stop(work, "the tests could not be run");
    return runTests(work, phrases.testsWith(files), files);
  }
  const run = readTestRun(outcome);
  return isAsGood(run, state.before!) ? null : putBack(work, files, newTrouble(outcome, run, state.before!));
}

function putBack(work: Work, files: readonly string[], trouble: string): Reply {
  const { state } = work;
  const file = files[0]!;
  const known = files.length === 1 ? state.files.get(file) : undefined;
  const canServe = known?.shape === "default" && !known.isEntry && !state.again.has(file);
  if (canServe) state.again.add(file);
  else for (const one of files) state.left.set(one, `the tests fail with it: ${trouble.slice(0, 60)}`);
  const next = canServe ? phrases.AGAIN : phrases.STAYS;
  const restore = restoreCall(work, files);
  if (restore === null)
    return stop(work, `the tests fail with ${files.join(", ")}, and I have nothing to put it back with`);
  return { text: phrases.putBack(files, next), calls: [restore, ...planCall(work, "work")] };
}

/** Git where the tree was clean at the start, so that nobody's own changes are lost; else the patch backwards. */
function restoreCall(work: Work, files: readonly string[]): ToolUse | null {
  const { state, tools } = work;
  if (state.git === "clean") return exec(work, `git checkout -- ${files.map((file) => `'${file}'`).join(" ")}`);
  return state.patch === null ? null : tools.use("apply_patch", "patch", inversePatch(state.patch));
}

function afterBadRestore(work: Work): Reply {
  const { badRestore, patch } = work.state;
  const files = phrases.readPutBack(badRestore!.said)!;
  if (badRestore!.tool === "apply_patch" || patch === null)
    return stop(work, `${files.join(", ")} could not be put back`);
  return { text: badRestore!.said, calls: [work.tools.use("apply_patch", "patch", inversePatch(patch))] };
}

async function nextStep(work: Work): Promise<Reply> {
  const { state } = work;
  const isStuck = state.head!.type === "commonjs" && state.left.has("package.json");
  if (state.head!.type === "commonjs" && !isStuck) return packageStep(work, withoutCommonType);
  const open = openFiles(state).map((path) => state.files.get(path)!);
  const unit = isStuck ? undefined : unitsOf(open)[0];
  if (unit !== undefined) return unitStep(work, unit);
  const isWhole = ![...state.files.values()].some((file) => file.kind === "cjs");
  if (isWhole && state.head!.type !== "module" && !state.left.has("package.json"))
    return packageStep(work, withModuleType);
  if (state.last?.purpose !== "last") {
    const reply = runTests(work, phrases.TESTS_LAST, null);
    return { ...reply, calls: [...reply.calls, ...planCall(work, "end")] };
  }
  const outcome = readOutcome(state.last.output);
  if (outcome.kind === "running") return poll(work, outcome.number, phrases.TESTS_LAST);
  if (outcome.kind === "unknown" && state.last.asked < LIMITS.testTries)
    return runTests(work, phrases.TESTS_LAST, null);
  const closing = planCall(work, "closed");
  if (closing.length > 0) return { text: phrases.CLOSED, calls: closing };
  return say(reportText(state, readTestRun(outcome), null));
}

/** Read what is not read yet, convert, and send the patch; what cannot be converted is left. */
async function unitStep(work: Work, unit: readonly string[]): Promise<Reply> {
  const { state } = work;
  const trouble = unit.map((path) => troubleOf(state, path)).find((reason) => reason !== null);
  if (trouble) return leave(work, unit, trouble);
  const missing = unit.filter((path) => textOf(state.readings.get(path)) === null);
  if (missing.length > 0) {
    const reads = missing
      .slice(0, LIMITS.readsAtOnce)
      .map((path) => exec(work, readCommand(path, state.readings.get(path))));
    const text = state.plan === null ? `${measureText(state)}.` : "";
    return { text, calls: [...planCall(work, "work"), ...reads] };
  }
  const files: FileText[] = [];
  const notes: string[] = [];
  for (const path of unit) {
    const before = textOf(state.readings.get(path))!;
    const around = { head: state.head!, files: state.files, left: new Set(state.left.keys()) };
    const known = factsFor(state.files.get(path)!, before, around);
    const facts = { ...known, servesRequire: known.servesRequire === true || state.again.has(path) };
    const result = await convert(before, facts);
    if (result.kind === "blocked")
      return leave(work, unit, unit.length > 1 ? `${path} ${result.reason}` : result.reason);
    if (result.text === before) return leave(work, unit, `there is nothing to convert in ${path}`);
    files.push({ path, before, after: result.text });
    notes.push(...result.notes.map((note) => `${path}: ${note}`));
  }
  const circle = unit.length > 1 ? ["These files wait for each other, so they go together."] : [];
  return patch(work, files, [...circle, ...notes].join("\n"));
}

function troubleOf(state: State, path: string): string | null {
  if (path.includes("'")) return "its name has a quote in it";
  if ((state.refused.get(path) ?? 0) >= LIMITS.refusals) return "the patch was refused twice";
  return state.readings.get(path)?.trouble ?? null;
}

/** Note files as left and go on with the next ones in the same reply. */
async function leave(work: Work, unit: readonly string[], reason: string): Promise<Reply> {
  for (const path of unit) work.state.left.set(path, reason);
  const next = await nextStep(work);
  const calls = next.calls.some((call) => call.name === "update_plan") ? [] : planCall(work, "work");
  const text = next.calls.length > 0 ? `${phrases.leaving(unit, reason)}\n${next.text}`.trimEnd() : next.text;
  return { text, calls: next.calls.length > 0 ? [...calls, ...next.calls] : [] };
}

function patch(work: Work, files: readonly FileText[], text: string): Reply {
  return { text, calls: [work.tools.use("apply_patch", "patch", patchText(files))] };
}

async function packageStep(work: Work, change: (text: string) => string | null): Promise<Reply> {
  const path = "package.json";
  const trouble = troubleOf(work.state, path);
  if (trouble !== null) return leave(work, [path], trouble);
  const before = textOf(work.state.readings.get(path));
  if (before === null) return { text: "", calls: [exec(work, readCommand(path, work.state.readings.get(path)))] };
  const after = change(before);
  if (after === null) return leave(work, [path], "I cannot see where its type belongs");
  return patch(work, [{ path, before, after }], `${path} now says which kind of files these are.`);
}

const exec = (work: Work, command: string): ToolUse => work.tools.use("exec_command", "cmd", command);

function planCall(work: Work, phase: Phase): ToolUse[] {
  if (!work.tools.has("update_plan")) return [];
  const wanted = planFor(work.state, phase);
  return isStale(work.state, wanted) ? [work.tools.call("update_plan", { plan: wanted })] : [];
}

/** End early, and say why and how far it came. */
function stop(work: Work, trouble: string): Reply {
  const last = work.state.last;
  return say(reportText(work.state, last === null ? null : readTestRun(readOutcome(last.output)), trouble));
}
