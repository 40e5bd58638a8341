/** Survey: what the package holds, read from the output of the survey script. */
import { isRecord } from "../wire/item.ts";
import type { Shape } from "./facts.ts";
import { isNeed, type Need } from "./least-node.ts";

export interface SurveyFile {
  readonly path: string;
  /** cjs-by-name: a `.cjs` file, CommonJS on purpose. plain: uses neither system. */
  readonly kind: "cjs" | "cjs-by-name" | "esm" | "plain";
  readonly shape: Shape;
  /** Required files of the package: what is written (where the path does not show it) and what it leads to. */
  readonly deps: readonly { readonly specifier: string | null; readonly path: string }[];
  /** Does package.json name it for others, as main, in exports or as a bin? */
  readonly isEntry: boolean;
  /** What a module uses that older Nodes lack. */
  readonly needs: readonly Need[];
}

export interface SurveyHead {
  readonly name: string;
  readonly type: string | null;
  readonly test: string | null;
  /** Are there pretest or posttest scripts? */
  readonly hasHooks: boolean;
  readonly node: string;
  /** The Nodes package.json allows; null when it does not say. */
  readonly engines: string | null;
  readonly git: "none" | "clean" | "changed";
  /** Why package.json could not be read. */
  readonly error: string | null;
}

export interface SurveyPage {
  readonly total: number;
  readonly from: number;
  readonly to: number;
  readonly head: SurveyHead;
  readonly files: readonly SurveyFile[];
}

/** Read one page; null when the text is no whole page (cut, or another text). */
export function parseSurveyPage(text: string): SurveyPage | null {
  const [first, ...lines] = text.trim().split("\n");
  const head = parseJson(first ?? "");
  if (head === null) return null;
  const page = { total: Number(head.files), from: Number(head.from), to: Number(head.to) };
  const files = lines.map(parseLine);
  if (files.some((file) => file === null) || files.length !== page.to - page.from) return null;
  return { ...page, head: parseHead(head), files: files.filter((file) => file !== null) };
}

function parseJson(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) && typeof value.files === "number" ? value : null;
  } catch {
    return null;
  }
}

const textOr = (value: unknown): string | null => (typeof value === "string" ? value : null);

const parseHead = (head: Record<string, unknown>): SurveyHead => ({
  name: textOr(head.name) ?? "this package",
  type: textOr(head.type),
  test: textOr(head.test),
  hasHooks: head.hooks === true,
  node: textOr(head.node) ?? "0",
  engines: textOr(head.engines),
  git: head.git === "clean" || head.git === "changed" ? head.git : "none",
  error: textOr(head.error),
});

const KINDS = ["cjs", "cjs-by-name", "esm", "plain"];
const SHAPES = ["named", "default", "both", "none"];

function parseLine(line: string): SurveyFile | null {
  const [path, kind, shape, deps = "", marks = ""] = line.split("\t");
  if (!path || !KINDS.includes(kind ?? "") || !SHAPES.includes(shape ?? "")) return null;
  return {
    path: decodeURI(path),
    kind: kind as SurveyFile["kind"],
    shape: shape as Shape,
    deps: deps
      .split(" ")
      .filter((one) => one !== "")
      .map((one) => {
        const at = one.indexOf(">");
        const specifier = at < 0 ? null : decodeURI(one.slice(0, at));
        return { specifier, path: decodeURI(one.slice(at + 1)) };
      }),
    isEntry: marks.split(" ").includes("entry"),
    needs: marks.split(" ").filter(isNeed),
  };
}
