/** The walls stand: each planted violation is found, and what only looks like one is not. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { checkWalls, printProblem, sizeReport } from "../../scripts/check-walls.ts";

type Tree = Readonly<Record<string, string>>;

function treeOf(t: TestContext, files: Tree): string {
  const root = mkdtempSync(join(tmpdir(), "godwit-walls-"));
  t.after(() => rmSync(root, { recursive: true }));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(root, dirname(file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  return root;
}

const problems = (t: TestContext, files: Tree): string[] => checkWalls(treeOf(t, files)).map(printProblem);

test("a house in order has no problem", (t) => {
  const found = problems(t, {
    "src/wire/item.ts": "export interface Item { readonly from: string }\n",
    "src/thread/view.ts":
      'import type { Item } from "../wire/item.ts";\nexport const view = (item: Item) => item.from;\n',
    "src/tools/exec.ts":
      'import { spawn } from "node:child_process";\nexport * from "../thread/view.ts";\nspawn("a");\n',
    "src/cli/main.ts": 'export const main = async () => import("../tools/exec.ts");\n',
  });
  assert.deepEqual(found, []);
});

for (const [form, code] of Object.entries({
  "a static import": 'import { turn } from "../engine/turn.ts";',
  "an import of types": 'import type { Turn } from "../engine/turn.ts";',
  "an import over several lines": 'import {\n  a,\n  type B,\n} from "../engine/turn.ts";',
  "a default and named import": 'import a, { b } from "../engine/turn.ts";',
  "a bare import": 'import "../engine/turn.ts";',
  "a star import": 'import * as turn from "../engine/turn.ts";',
  "a re-export": 'export { turn } from "../engine/turn.ts";',
  "a re-export of all": 'export * from "../engine/turn.ts";',
  "a re-export of types": 'export type { Turn } from "../engine/turn.ts";',
  "a lazy import": 'const turn = await import("../engine/turn.ts");',
  "a type's import()": 'type Turn = typeof import("../engine/turn.ts");',
  "an import inside a template": "const text = `a \u0024{(await import('../engine/turn.ts')).turn} b`;",
  "an import behind a pattern with a quote": 'const quote = /["\'`]/.test(a) ? 1 / 2 : 3; import "../engine/turn.ts";',
  "an import behind a division": 'const half = (a + b) / 2; const c = d[0] / 3; import "../engine/turn.ts";',
})) {
  test(`an arrow that goes up is found in ${form}`, (t) => {
    const found = problems(t, { "src/thread/view.ts": code, "src/engine/turn.ts": "export const turn = 1;\n" });
    assert.equal(found.length, 1, found.join("\n"));
    assert.match(
      found[0] as string,
      /^src\/thread\/view\.ts:\d \[arrow\] imports "\.\.\/engine\/turn\.ts": goes up from thread \(1\) to engine \(3\)$/,
    );
  });
}

test("what stands in comments, strings, templates and patterns is no import", (t) => {
  const found = problems(t, {
    "src/thread/view.ts": [
      '// import "../cli/main.ts";',
      '/* import "../cli/main.ts";',
      "*/",
      "const a = 'import \"../cli/main.ts\"';",
      'const b = `import "../cli/main.ts"; \u0024{a + `export * from "../cli/main.ts"`}`;',
      'const c = /import "..\\/cli\\/main.ts"/;',
      'const d = { from: "../cli/main.ts", import: "../cli/main.ts" };',
      'export const e = d.import; const from = "../cli/main.ts";',
      "export { a, b, c };",
    ].join("\n"),
    "src/cli/main.ts": "export {};\n",
  });
  assert.deepEqual(found, []);
});

test("rooms on one floor do not import each other, wire and kit neither", (t) => {
  const found = problems(t, {
    "src/tools/a.ts": 'import "../sandbox/b.ts";',
    "src/sandbox/b.ts": "",
    "src/wire/c.ts": 'import "../kit/d.ts";',
    "src/kit/d.ts": "",
  });
  assert.deepEqual(found, [
    'src/tools/a.ts:1 [arrow] imports "../sandbox/b.ts": goes sideways from tools to sandbox (both 4)',
    'src/wire/c.ts:1 [arrow] imports "../kit/d.ts": goes sideways from wire to kit (both 0)',
  ]);
});

test("a circle is told once, as its path, also when it is made of types in one room", (t) => {
  const found = problems(t, {
    "src/thread/a.ts": 'import type { B } from "./b.ts";',
    "src/thread/b.ts": 'import type { C } from "./c.ts";',
    "src/thread/c.ts": 'export type { A } from "./a.ts";',
    "src/thread/d.ts": 'import "./a.ts";',
  });
  assert.deepEqual(found, [
    "src/thread/a.ts:1 [circle] imports itself: src/thread/a.ts -> src/thread/b.ts -> src/thread/c.ts -> src/thread/a.ts",
  ]);
});

test("floors 0 to 3 name no module of node, no clock and no chance; a date made from a value is fine", (t) => {
  const found = problems(t, {
    "src/engine/turn.ts": [
      'import { readFile } from "node:fs/promises";',
      'import type { Stats } from "fs";',
      "const a = Date.now() + performance.now() + Math.random();",
      "const b = [new Date(), new Date, Date()];",
      "const c = crypto.randomUUID();",
      "const d = process.env.HOME;",
      "const e = [new Date(a).toISOString(), Date.parse('2026'), clock.Date.now(), Math.max(1, 2)];",
      "const process = own(list); process.running; type T = Date;",
    ].join("\n"),
    "src/archive/log.ts": "export const at = Date.now() + Math.random();\n",
  });
  assert.deepEqual(
    found.map((line) => line.replace(/; .*$/, "").replace("src/engine/turn.ts:", "")),
    [
      '1 [pure] imports "node:fs/promises": floors 0 to 3 do no I/O',
      '2 [pure] imports "fs": floors 0 to 3 do no I/O',
      "3 [pure] names Date.now",
      "3 [pure] names performance.now",
      "3 [pure] names Math.random",
      "4 [pure] names new Date()",
      "4 [pure] names new Date()",
      "4 [pure] names new Date()",
      "5 [pure] names crypto",
      "6 [pure] names process.env",
    ],
  );
});

test("doors, default exports, emitters, long files, unknown rooms and ways out of src/ are found", (t) => {
  const found = problems(t, {
    "src/cli/a.ts": 'import "../compact/index.ts"; import "../../scripts/x.ts"; import "../../package.json";',
    "src/cli/b.ts": "const b = 1; export { b as default };",
    "src/cli/c.ts": "export default 1;",
    "src/exec/d.ts": 'import { EventEmitter } from "node:events";',
    "src/tui/d.ts": 'import { EventEmitter } from "node:events";',
    "src/compact/index.ts": "export {};",
    "src/attic/e.ts": "",
    "test/cli/long.test.ts": "\n".repeat(501),
    "test/fixtures/long.ts": "\n".repeat(501),
  });
  assert.deepEqual(
    found.map((line) => line.split(" ").slice(0, 2).join(" ")),
    [
      "src/attic/e.ts:1 [room]",
      "src/cli/a.ts:1 [barrel]",
      "src/cli/a.ts:1 [arrow]",
      "src/cli/b.ts:1 [default-export]",
      "src/cli/c.ts:1 [default-export]",
      "src/exec/d.ts:1 [emitter]",
      "test/cli/long.test.ts:501 [size]",
    ],
  );
});

test("an exception needs a reason, and something to except", (t) => {
  const exceptions = [
    { rule: "size", file: "src/cli/long.ts", reason: "a table" },
    { rule: "size", file: "src/cli/other.ts", reason: " " },
    { rule: "circle", file: "src/cli/long.ts", reason: "was one" },
  ];
  const found = problems(t, {
    "src/cli/long.ts": "\n".repeat(501),
    "src/cli/other.ts": "\n",
    "scripts/walls.json": JSON.stringify({ exceptions }),
  });
  assert.deepEqual(found, [
    'src/cli/other.ts:1 [exception] "size" is excepted in walls.json without a reason',
    'src/cli/long.ts:1 [exception] "circle" is excepted in walls.json but not broken',
  ]);
});

test("the report tells the sizes of each room", (t) => {
  const root = treeOf(t, { "src/kit/a.ts": "\n".repeat(10), "src/kit/b.ts": "\n".repeat(30), "src/cli/c.ts": "\n" });
  assert.deepEqual(
    sizeReport(root).map((line) => line.split(/\s+/)),
    [
      ["room", "files", "median", "p90", "max"],
      ["cli", "1", "1", "1", "1"],
      ["kit", "2", "30", "30", "30"],
    ],
  );
});
