/**
 * Check text: no tracked file and no commit message tells where it was made; no source is left half done.
 *
 *   node scripts/check-text.ts
 *
 * Invariants  1. This file holds none of what it looks for: names and paths are put together from parts.
 *             2. package-lock.json is never exempt, and names no place a package was fetched from.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { report } from "./files.ts";

interface Smell {
  readonly pattern: RegExp;
  readonly says: string;
  /** Where it is looked for; everywhere when left out. */
  readonly where?: RegExp;
}

/** Data that others recorded; what it names is part of the data. */
const EXEMPT: readonly { readonly path: string; readonly reason: string }[] = [
  { path: "eval/sessions/", reason: "recorded sessions of other projects, the input of the fact survival eval" },
  { path: "eval/facts/", reason: "probes quoted from those sessions" },
  { path: "test/fixtures/apply-patch/", reason: "vendored scenarios" },
];

const LOCK = "package-lock.json";
const HOSTS = [
  ["registry", "npmjs", "org"],
  ["registry", "yarnpkg", "com"],
  ["npm", "pkg", "github", "com"],
  ["npm", "jsr", "io"],
  ["registry", "npmmirror", "com"],
  ["pypi", "org"],
  ["files", "pythonhosted", "org"],
  ["crates", "io"],
  ["proxy", "golang", "org"],
  ["sum", "golang", "org"],
  ["rubygems", "org"],
  ["repo1", "maven", "org"],
  ["repo", "maven", "apache", "org"],
  ["registry-1", "docker", "io"],
  ["deb", "debian", "org"],
  ["archive", "ubuntu", "com"],
].map((parts) => parts.join("\\."));
/** Words by which a company's own mirror is known in an address. */
const MIRRORS = ["registry", "artifactory", "nexus", "verdaccio", "devpi", "pkg-proxy"].join("|");
const TOPS = ["work", "farm", "root"].join("|");
const HOMES = ["USER", "user", "NAME", "name", "me", "you", "someone"].join("|");
/** What may stand before the slash of an absolute path; a word, a dot or a bracket makes it a relative one. */
const START = String.raw`(?:^|file:\/\/|[^\w.\-}\])*~\/$])`;

const SMELLS: readonly Smell[] = [
  {
    pattern: new RegExp(String.raw`(?:^|[^\w.-])(?:[\w-]+\.)*(?:${HOSTS.join("|")})(?![\w-])`, "i"),
    says: "names a registry host",
  },
  {
    pattern: new RegExp(String.raw`https?:\/\/[^\s/"'<>{}]*(?<![a-z])(?:${MIRRORS})(?![a-z])[^\s/"'<>]*`, "i"),
    says: "names a registry host",
  },
  { pattern: new RegExp(String.raw`${START}\/(?:${TOPS})\/[\w.]`), says: "names a path of one machine" },
  { pattern: new RegExp(String.raw`${START}\/home\/(?!(?:${HOMES})(?![\w.-]))[\w.-]`), says: "names somebody's home" },
  { pattern: new RegExp(`/tmp/bash_${"jobs"}`), says: "names a path of one machine" },
  {
    pattern: new RegExp(String.raw`\b(?:${["TO" + "DO", "FIX" + "ME", "X".repeat(3)].join("|")})\b`),
    says: "is left half done",
    where: /^src\//,
  },
  {
    // A running test may skip itself and say why; the summary counts it.
    pattern:
      /\b(?:it|test|describe|suite)\.(?:only|skip|todo)\(|\.(?:skip|todo)\(\s*\)|\b(?:only|skip|todo): *(?:true|["'`])/,
    says: "switches a test off or the others",
    where: /^test\/.*\.test\.ts$/,
  },
  {
    pattern: /"resolved": *"[a-z+]+:\/\//,
    says: "names where a package was fetched from",
    where: /^package-lock\.json$/,
  },
];

/**
 * Find what a text must not say.
 *
 * @param name  path relative to the root; rules that hold for some files go by it
 * @returns one line per place, "name:line says: the place"
 */
export function smellsOf(name: string, text: string): string[] {
  const smells = SMELLS.filter(({ where }) => where === undefined || where.test(name));
  // The whole text first: most files hold nothing, and then no line is looked at.
  const near = smells.filter(({ pattern }) => new RegExp(pattern.source, `${pattern.flags}m`).test(text));
  if (near.length === 0) return [];
  return text.split("\n").flatMap((line, index) => {
    const places = near.flatMap(({ pattern, says }) => {
      const place = pattern.exec(line)?.[0].trim();
      return place === undefined ? [] : [[says, place] as const];
    });
    return [...new Map(places)].map(([says, place]) => `${name}:${index + 1} ${says}: ${place}`);
  });
}

/** Check the tracked files of the checkout at root, as they stand in the folder, and the messages of its branch. */
export function checkText(root: string): string[] {
  const files = git(root, ["ls-files", "-z"]).split("\0").filter(Boolean);
  const isExempt = (file: string): boolean => file !== LOCK && EXEMPT.some(({ path }) => file.startsWith(path));
  const messages = git(root, ["log", "--format=commit %h%n%B"]);
  return [...files.filter((file) => !isExempt(file)).flatMap((file) => checkFile(root, file)), ...checkLog(messages)];
}

function checkFile(root: string, file: string): string[] {
  let text: string;
  try {
    text = readFileSync(join(root, file), "utf8");
  } catch {
    return []; // deleted and not yet committed, or a link to a folder
  }
  return [...smellsOf(file, file), ...(text.includes("\0") ? [] : smellsOf(file, text))];
}

function checkLog(log: string): string[] {
  const messages = log.split(/^(?=commit [0-9a-f]{4,40}$)/m);
  return messages.flatMap((message) => smellsOf(message.split("\n", 1)[0] as string, message));
}

function git(root: string, args: readonly string[]): string {
  const done = spawnSync("git", ["-C", root, ...args], { encoding: "utf8", maxBuffer: 1 << 28 });
  if (done.status !== 0) throw new Error(`git ${args[0]} failed: ${done.stderr || done.error}`);
  return done.stdout;
}

if (import.meta.main) {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  report(checkText(root), "no host, no path, nothing half done");
}
