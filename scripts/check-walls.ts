/**
 * Check walls: says which import, file or word breaks the plan of the house.
 *
 *   node scripts/check-walls.ts [--report]      --report prints the sizes of the files per room
 *
 * Owns        the floors, and the rules on what a room may name.
 * Invariants  1. Types count like values: an arrow is an arrow.
 *             2. An exception in walls.json has a reason and is still needed, else it is itself a problem.
 */
import { existsSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { circlesAmong } from "./circles.ts";
import { type Import, importsOf, isMark, isWord, scan, type Token } from "./code-scan.ts";
import { filesBelow, report } from "./files.ts";

const FLOORS: Readonly<Record<string, number>> = Object.fromEntries(
  [
    "wire kit",
    "thread policy prompt",
    "compact",
    "engine",
    "upstream tools sandbox mcp hooks git archive config rehearsal",
    "gateway crew",
    "tui exec mission",
    "cli",
  ].flatMap((rooms, floor) => rooms.split(" ").map((room) => [room, floor])),
);
/** The highest floor that has no I/O, no clock and no random. */
const PURE_FLOOR = 3;
const MAX_LINES = 500;
const BUILTINS = new Set(builtinModules);
const CLOCKS: Readonly<Record<string, string>> = { Date: "now", Math: "random", performance: "now" };
/** Members by which a `process` is the real one and not a local variable. */
const PROCESS = new Set("argv cwd env exit exitCode hrtime nextTick on pid platform stderr stdin stdout".split(" "));

export type Rule = "room" | "arrow" | "circle" | "size" | "barrel" | "pure" | "default-export" | "emitter";

export interface Problem {
  readonly rule: Rule | "exception";
  /** Relative to the root, with slashes. */
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

interface Source {
  readonly file: string;
  readonly room: string;
  readonly floor: number;
  readonly tokens: readonly Token[];
  readonly imports: readonly Import[];
}

interface Exception {
  readonly rule: string;
  readonly file: string;
  readonly reason: string;
}

/**
 * Check the tree at root: its src/ for all rules, its tests, scripts and benches for their size.
 *
 * @returns the problems that no exception covers, in the order of the files
 * @throws {SyntaxError} when scripts/walls.json is not JSON
 */
export function checkWalls(root: string): Problem[] {
  const sources = filesBelow(root, "src")
    .filter(isCode)
    .map((file) => readSource(root, file));
  const problems = [
    ...sources.flatMap(checkSource),
    ...circleProblems(sources),
    ...["src", "test", "scripts", "bench", "bin"].flatMap((folder) => checkSizes(root, folder)),
  ];
  return applyExceptions(problems, readExceptions(root));
}

/** One line a room: how many files, and the median, p90 and longest of their lines. */
export function sizeReport(root: string): string[] {
  const rooms = Map.groupBy(filesBelow(root, "src").filter(isCode), roomOf);
  const lines = [...rooms].map(([room, files]) => {
    const sizes = files.map((file) => lineCount(root, file)).sort((a, b) => a - b);
    const at = (part: number): number => sizes[Math.min(sizes.length - 1, Math.floor(sizes.length * part))] as number;
    const columns = [sizes.length, at(0.5), at(0.9), sizes.at(-1) as number];
    return room.padEnd(12) + columns.map((value) => String(value).padStart(8)).join("");
  });
  return [`${"room".padEnd(12)}   files  median     p90     max`, ...lines];
}

const isCode = (file: string): boolean => /\.(ts|mts|mjs|js)$/.test(file);
const roomOf = (file: string): string => (file.split("/").length > 2 ? (file.split("/")[1] as string) : "");
const lineCount = (root: string, file: string): number => readFileSync(join(root, file), "utf8").split("\n").length - 1;
const isImpure = (specifier: string): boolean => specifier.startsWith("node:") || BUILTINS.has(specifier);

function readSource(root: string, file: string): Source {
  const tokens = scan(readFileSync(join(root, file), "utf8"));
  const room = roomOf(file);
  return { file, room, floor: FLOORS[room] ?? -1, tokens, imports: importsOf(tokens) };
}

function checkSource(source: Source): Problem[] {
  const { file } = source;
  if (source.floor < 0) return [{ rule: "room", file, line: 1, text: `is in no room that has a floor` }];
  const words = source.tokens.flatMap((_, index) => wordProblem(source, index) ?? []);
  return [...source.imports.flatMap((one) => importProblems(source, one)), ...words];
}

function importProblems(source: Source, { specifier, line }: Import): Problem[] {
  const { file, room, floor } = source;
  const problem = (rule: Rule, text: string): Problem => ({
    rule,
    file,
    line,
    text: `imports "${specifier}": ${text}`,
  });
  if (!specifier.startsWith(".")) {
    const isBroken = floor <= PURE_FLOOR && isImpure(specifier);
    return isBroken ? [problem("pure", `floors 0 to ${PURE_FLOOR} do no I/O`)] : [];
  }
  const target = posix.join(posix.dirname(file), specifier);
  if (target === "package.json") return [];
  if (!target.startsWith("src/")) return [problem("arrow", "leaves src/")];
  const found: Problem[] = [];
  const other = roomOf(target);
  const otherFloor = FLOORS[other];
  if (/\/index\.m?[jt]s$/.test(target)) found.push(problem("barrel", "name the file itself, not the door"));
  if (other === room) return found;
  if (otherFloor === undefined) found.push(problem("room", "is in no room that has a floor"));
  else if (otherFloor > floor)
    found.push(problem("arrow", `goes up from ${room} (${floor}) to ${other} (${otherFloor})`));
  else if (otherFloor === floor) found.push(problem("arrow", `goes sideways from ${room} to ${other} (both ${floor})`));
  return found;
}

function wordProblem(source: Source, index: number): Problem | null {
  const { tokens, file, floor, room } = source;
  const token = tokens[index] as Token;
  if (token.kind !== "word" || isMark(tokens[index - 1], ".")) return null;
  const problem = (rule: Rule, text: string): Problem => ({ rule, file, line: token.line, text });
  if (token.text === "default" && (isWord(tokens[index - 1], "export") || isExportedAs(tokens, index))) {
    return problem("default-export", "has a default export");
  }
  if (token.text === "EventEmitter" && room !== "tui") {
    return problem("emitter", "names EventEmitter; events are async iterables outside tui");
  }
  const effect = floor <= PURE_FLOOR ? effectAt(tokens, index) : null;
  return effect === null ? null : problem("pure", `names ${effect}; floors 0 to ${PURE_FLOOR} know no clock or chance`);
}

/** `export { a as default }`: the clause's brace stands right behind an `export`. */
function isExportedAs(tokens: readonly Token[], index: number): boolean {
  if (!isWord(tokens[index - 1], "as")) return false;
  const open = tokens.slice(0, index).findLastIndex((token) => isMark(token, "{"));
  return isWord(tokens[open - 1], "export");
}

function effectAt(tokens: readonly Token[], index: number): string | null {
  const { text } = tokens[index] as Token;
  const [next, member] = [tokens[index + 1], tokens[index + 2]];
  const method = Object.hasOwn(CLOCKS, text) ? (CLOCKS[text] as string) : null;
  if (method !== null && isMark(next, ".") && isWord(member, method)) return `${text}.${method}`;
  if (text === "crypto" && isMark(next, ".")) return text;
  if (text === "process" && isMark(next, ".") && PROCESS.has(member?.text ?? "")) return `process.${member?.text}`;
  // A date made from a value is a conversion; one made from nothing asks the clock.
  const isNow = isWord(tokens[index - 1], "new") ? !isMark(next, "(") || isMark(member, ")") : isMark(next, "(");
  return text === "Date" && isNow && (isWord(tokens[index - 1], "new") || isMark(member, ")")) ? "new Date()" : null;
}

function circleProblems(sources: readonly Source[]): Problem[] {
  const names = new Set(sources.map((source) => source.file));
  const graph = new Map<string, readonly string[]>();
  for (const { file, imports } of sources) {
    const targets = imports.map(({ specifier }) =>
      specifier.startsWith(".") ? posix.join(posix.dirname(file), specifier) : "",
    );
    graph.set(
      file,
      targets.filter((target) => names.has(target)),
    );
  }
  return circlesAmong(graph).map((circle) => {
    const file = circle[0] as string;
    return { rule: "circle", file, line: 1, text: `imports itself: ${[...circle, file].join(" -> ")}` };
  });
}

function checkSizes(root: string, folder: string): Problem[] {
  return filesBelow(root, folder, ["node_modules", "fixtures", "out"])
    .filter(isCode)
    .flatMap((file) => {
      const lines = lineCount(root, file);
      if (lines <= MAX_LINES) return [];
      return [
        { rule: "size" as const, file, line: lines, text: `has ${lines} lines, at most ${MAX_LINES} are allowed` },
      ];
    });
}

function readExceptions(root: string): Exception[] {
  const path = join(root, "scripts/walls.json");
  if (!existsSync(path)) return [];
  return (JSON.parse(readFileSync(path, "utf8")) as { exceptions: Exception[] }).exceptions;
}

function applyExceptions(problems: readonly Problem[], exceptions: readonly Exception[]): Problem[] {
  const covers = (one: Exception, problem: Problem): boolean => one.rule === problem.rule && one.file === problem.file;
  const bad = exceptions.flatMap((one): Problem[] => {
    const { rule, file, reason } = one;
    const problem = (text: string): Problem => ({ rule: "exception", file, line: 1, text: `"${rule}" ${text}` });
    if ((reason ?? "").trim() === "") return [problem("is excepted in walls.json without a reason")];
    return problems.some((known) => covers(one, known)) ? [] : [problem("is excepted in walls.json but not broken")];
  });
  return [...problems.filter((problem) => !exceptions.some((one) => covers(one, problem))), ...bad];
}

export const printProblem = ({ rule, file, line, text }: Problem): string => `${file}:${line} [${rule}] ${text}`;

if (import.meta.main) {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  if (process.argv.includes("--report")) console.log(sizeReport(root).join("\n"));
  report(checkWalls(root).map(printProblem), "no wall is broken");
}
