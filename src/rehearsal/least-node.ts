/**
 * Least Node: which Nodes a package allows, and which ones the converted code needs.
 *
 * Owns        the versions: what the conversion may write, and since when Node knows it.
 * Source      the histories in Node's documentation of modules, packages and import.meta.
 */

/** What a module may use that older Nodes lack; by patterns without quotes, for the survey script. */
export const NEED_PATTERNS = {
  main: "import[.]meta[.]main(?![a-z])",
  file: "import[.]meta[.](?:dir|file)name",
  json: "with [{] type: .json. [}]",
  serve: "as .module[.]exports. [}]",
} as const;

export type Need = keyof typeof NEED_PATTERNS;
export const isNeed = (text: string): text is Need => Object.hasOwn(NEED_PATTERNS, text);

/** What a text needs. */
export const needsOf = (text: string): Need[] =>
  Object.keys(NEED_PATTERNS)
    .filter(isNeed)
    .filter((need) => new RegExp(NEED_PATTERNS[need]).test(text));

/** A version as `[major, minor]`. */
type Version = readonly [major: number, minor: number];

export interface Least {
  readonly version: Version;
  /** For people: the version, and what needs it. */
  readonly text: string;
}

/** Since when Node lets CommonJS code require an ES module. */
export const REQUIRE_ESM = "20.19, 22.12 or newer";

/** The least Node, the newest need first; `isMixed`: CommonJS files require ES modules. */
export function leastNode(needs: ReadonlySet<Need>, isMixed: boolean): Least {
  if (needs.has("main")) return { version: [24, 2], text: "24.2 or newer (import.meta.main)" };
  if (isMixed) return { version: [22, 12], text: `${REQUIRE_ESM} (CommonJS files beside ES modules)` };
  if (needs.has("file")) return { version: [20, 11], text: "20.11 or newer (import.meta.filename or dirname)" };
  if (needs.has("json")) return { version: [20, 10], text: '18.20, 20.10 or newer (import with { type: "json" })' };
  if (needs.has("serve")) return { version: [16, 0], text: '16 or newer (export as "module.exports")' };
  return { version: [12, 20], text: "12.20 or newer (ES modules)" };
}

/** Is a Node version at least that one? */
export function isAtLeast(version: string, major: number, minor: number): boolean {
  const [have = 0, part = 0] = version.split(".").map(Number);
  return have > major || (have === major && part >= minor);
}

/** Does a range such as `>=18 || ^16.3` allow nothing below a version? What cannot be read may allow all. */
export const rulesOutBelow = (range: string, major: number, minor: number): boolean =>
  range.split("||").every((part) => {
    const [from, rest] = lowest(part.trim().replace(/([<>=^~])\s+/g, "$1"));
    return from > major || (from === major && rest >= minor);
  });

/** The lowest version of a range without `||`. */
function lowest(part: string): Version {
  const span = /^v?(\d+)(?:\.(\d+))?[.\w]*\s+-\s/.exec(part);
  const bounds = span ? [span] : [...part.matchAll(/(?:^|\s)(?:>=?|\^|~>?|=)?v?(\d+)(?:\.(\d+))?[.\w*-]*/g)];
  return bounds
    .map((match): Version => [Number(match[1]), Number(match[2] ?? 0)])
    .reduce<Version>(
      (best, one) => (one[0] > best[0] || (one[0] === best[0] && one[1] > best[1]) ? one : best),
      [0, 0],
    );
}
