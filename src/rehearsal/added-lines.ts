/** Added lines: what a module needs at its top for what CommonJS had of itself. */
import type { Facts } from "./facts.ts";
import type { ImportSide } from "./import-side.ts";
import type { Names } from "./names.ts";
import type { Syntax } from "./syntax.ts";

/** Imports that had no place of their own, then `require`, `__filename`, `__dirname` and the test for the main file. */
export function addedLines(syntax: Syntax, imports: ImportSide, facts: Facts, names: Names): readonly string[] {
  const { source, top } = syntax;
  const { hoisted, keepsRequire, mainTest, globals } = imports;
  const quote = source.includes('require("') ? '"' : "'";
  const lines = hoisted.map((line) => `${line};`);
  const take = (name: string, from: string): string => {
    const local = names.fresh(name, "Of");
    lines.push(`import { ${local === name ? name : `${name} as ${local}`} } from ${quote}${from}${quote};`);
    return local;
  };
  if ((keepsRequire || mainTest !== "") && !top.has("createRequire"))
    lines.push(`import { createRequire } from ${quote}node:module${quote};`);
  const hasFile = globals.has("__filename");
  const isOld = !facts.hasImportMetaFilename && (mainTest !== "" || globals.size > 0);
  const path = isOld ? `${take("fileURLToPath", "node:url")}(import.meta.url)` : "import.meta.filename";
  const dirname = globals.has("__dirname") ? take("dirname", "node:path") : "";
  const values: string[] = [];
  if (keepsRequire) values.push("const require = createRequire(import.meta.url);");
  if (hasFile) values.push(`const __filename = ${path};`);
  if (dirname !== "") values.push(`const __dirname = ${dirname}(${hasFile ? "__filename" : path});`);
  if (values.length > 0) lines.push("", ...values);
  if (mainTest !== "") lines.push("", ...mainTestLines(mainTest, hasFile ? "__filename" : path));
  return lines;
}

/** `resolve` follows symbolic links, as npm makes them for a bin, and finds `node lib/tool` and `node .` too. */
const mainTestLines = (name: string, path: string): readonly string[] => [
  "/** Was this file started itself, be it by a link or without its extension? */",
  `function ${name}() {`,
  "  try {",
  `    return createRequire(import.meta.url).resolve(process.argv[1]) === ${path};`,
  "  } catch {",
  "    return false;",
  "  }",
  "}",
];
