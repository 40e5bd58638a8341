/**
 * Survey script: the one command that tells the planner what a package holds.
 *
 * Is not      a parser: it reads with regular expressions, because it runs in the package's own folder with
 *             nothing installed. Where it errs, the package's tests say so.
 * Format      one JSON line about the package, then a line a file: path, module system, shape, required files, marks
 *             (entry, and what a module needs of Node), separated by tabs. A page ends after about 1400 bytes; the JSON line says which files it shows.
 */
import { NEED_PATTERNS } from "./least-node.ts";

const SCRIPT = `/* survey */
const fs = require("fs"), path = require("path").posix;
const from = Number(process.argv[1]), files = [];
const read = (f) => fs.readFileSync(f, "utf8"), has = (f) => fs.existsSync(f) && fs.statSync(f).isFile();
const walk = (dir) => {
  for (const e of fs.readdirSync(dir, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const f = path.join(dir, e.name);
    if (e.name[0] === "." || e.name === "node_modules") continue;
    if (e.isDirectory()) walk(f);
    else if (/[.][cm]?js$/.test(f) || (!e.name.includes(".") && fs.statSync(f).size < 1e5 && /^#!.*node/.test(read(f)))) files.push(f);
  }
};
const find = (f, s) => {
  const base = path.join(path.dirname(f), s);
  const direct = [base, base + ".js", base + ".json", base + ".cjs"].find(has);
  if (direct) return encodeURI(direct);
  const m = has(base + "/package.json") ? JSON.parse(read(base + "/package.json")).main || "" : "";
  const inside = [m, m + ".js", m + "/index.js", "index.js", "index.json"].map((x) => path.join(base, x)).find(has);
  return encodeURI(s) + ">" + encodeURI(inside || "?");
};
const shape = (code, isEsm) => {
  if (isEsm) {
    const text = code.replace(/export [{] [^ ]+ as .module.exports. [}]/g, "");
    const d = /export default|as default\\b/.test(text), n = /^export (?!default)/m.test(text);
    return d ? (n ? "both" : "default") : n ? "named" : "none";
  }
  const whole = [...code.matchAll(/\\bmodule[.]exports\\s*=(?!=)\\s*/g)];
  if (whole.length === 0) return /\\bexports[.][\\w$]+\\s*=/.test(code) ? "named" : "none";
  const rest = code.slice(whole[0].index + whole[0][0].length);
  if (whole.length > 1 || rest[0] !== "{") return "default";
  let depth = 0, end = 0, outer = "";
  for (; end < rest.length; end++) {
    if (depth <= 1) outer += rest[end];
    if ("{[(".includes(rest[end])) depth++;
    else if ("}])".includes(rest[end]) && --depth === 0) break;
  }
  const odd = /[{,]\\s*(?:[.]{3}|\\[|[gs]et\\s+[\\w$]+\\s*\\()/.test(outer) || /\\bthis[.][\\w$]+\\s*[-+*]?=(?!=)/.test(rest.slice(0, end));
  return odd || /^\\s*[.(]/.test(rest.slice(end + 1)) ? "default" : "named";
};
const needs = ${JSON.stringify(NEED_PATTERNS)};
const targets = (x) => typeof x === "string" ? [path.join(x)] : x && typeof x === "object" ? Object.values(x).flatMap(targets) : [];
let entries = [];
const isEntry = (f) => entries.some((t) => [t, t + ".js", path.join(t, "index.js")].includes(f)
  || (t.includes("*") && f.startsWith(t.split("*")[0]) && f.endsWith(t.split("*")[1])));
const line = (f) => {
  const code = read(f).replace(/[/][*][^]*?[*][/]/g, "").replace(/(^|[^:"\\x27\`\\\\])[/][/].*$/gm, "$1");
  const isCjs = /\\bmodule[.]exports\\s*[=.\\[]|(?:^|[^.\\w$])exports[.][\\w$]+\\s*=|(?:^|[^.\\w$])require\\s*[(.]/m.test(code) && !/\\bcreateRequire[(]import/.test(code)
    || (/(?:^|[^.\\w$"\\x27])__(?:dir|file)name\\b/m.test(code) && !code.includes("import.meta"));
  const isEsm = !isCjs && /^\\s*(?:import\\s*[\\w$*{"\\x27]|export\\s*[\\w$*{])/m.test(code);
  const kind = /[.]mjs$/.test(f) ? "esm" : /[.]cjs$/.test(f) ? "cjs-by-name" : isCjs ? "cjs" : isEsm ? "esm" : "plain";
  const deps = kind === "cjs" ? [...code.matchAll(/(?:^|[^.\\w$])require\\s*\\(\\s*["\\x27\`]([.][^"\\x27\`]*)["\\x27\`]\\s*\\)/gm)].map((m) => find(f, m[1])) : [];
  const marks = [...(isEntry(f) ? ["entry"] : []), ...(kind === "esm" ? Object.keys(needs).filter((n) => new RegExp(needs[n]).test(code)) : [])];
  return [encodeURI(f), kind, shape(code, kind === "esm"), [...new Set(deps)].join(" "), marks.join(" ")].join("\\t").trimEnd();
};
const git = (args) => { try { return require("child_process").execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }); } catch { return null; } };
const head = {};
try {
  const pkg = JSON.parse(read("package.json"));
  Object.assign(head, { name: pkg.name, type: pkg.type, test: pkg.scripts && pkg.scripts.test, hooks: !!pkg.scripts && !!(pkg.scripts.pretest || pkg.scripts.posttest) });
  if (pkg.engines) head.engines = pkg.engines.node;
  entries = targets([pkg.main || (pkg.exports ? null : "index.js"), pkg.exports, pkg.bin]);
  walk(".");
} catch (error) { head.error = error.message.split("\\n")[0]; }
let to = from, bytes = 0;
const lines = [];
while (to < files.length && bytes < 1400) { lines.push(line(files[to++])); bytes += lines.at(-1).length; }
if (from === 0) head.git = !git(["ls-files", "package.json"]) ? "none" : git(["status", "--porcelain", "."]) === "" ? "clean" : "changed";
console.log([JSON.stringify({ files: files.length, from, to, node: process.versions.node, ...head }), ...lines].join("\\n"));`;

/** What every survey command begins with, so that it is known again in a thread. */
export const SURVEY_MARK = "node -e '/* survey */";

/** The command that prints the files from number `from` on. */
export const surveyCommand = (from: number): string => `node -e '${SCRIPT}' ${from}`;
