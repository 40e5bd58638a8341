/** Each construct of CommonJS and what becomes of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "acorn";
import fc from "fast-check";
import { convert } from "../../src/rehearsal/convert.ts";
import type { Facts } from "../../src/rehearsal/facts.ts";

const FACTS: Facts = {
  modules: {
    "./names": { kind: "named", specifier: "./names.js" },
    "./one": { kind: "default", specifier: "./one.js" },
    "./folder": { kind: "both", specifier: "./folder/index.js" },
    "./effect": { kind: "none", specifier: "./effect.js" },
    "./data.json": { kind: "json", specifier: "./data.json" },
    "node:fs": { kind: "builtin", specifier: "node:fs" },
    pack: { kind: "package", specifier: "pack" },
  },
  self: "named",
  hasImportMetaMain: true,
  hasImportMetaFilename: true,
};

const REQUIRE = "import { createRequire } from 'node:module';\n\nconst require = createRequire(import.meta.url);";

const HELPER = (name: string, path: string): string =>
  `/** Was this file started itself, be it by a link or without its extension? */\nfunction ${name}() {\n  try {\n    return createRequire(import.meta.url).resolve(process.argv[1]) === ${path};\n  } catch {\n    return false;\n  }\n}`;
const MAIN_TEST = (path: string): string => `import { createRequire } from 'node:module';\n\n${HELPER("isMain", path)}`;

/** Claim, before, after, and facts that differ. */
const TABLE: readonly [string, string, string, Partial<Facts>?][] = [
  [
    "an object of names is imported as a namespace",
    "const n = require('./names');",
    "import * as n from './names.js';",
  ],
  ["one value is imported as default", "const o = require('./one')\n", "import o from './one.js'\n"],
  ["a builtin is imported as default", "var fs = require('node:fs');", "import fs from 'node:fs';"],
  ["names are taken out", "const { a, b: c } = require('./names');", "import { a, b as c } from './names.js';"],
  ["quotes stay", 'const { a } = require("./names");', 'import { a } from "./names.js";'],
  ["a folder is spelt out", "const f = require('./folder');", "import f from './folder/index.js';"],
  [
    "names of one value are taken out of it",
    "const { a } = require('./one');",
    "import one from './one.js';\n\nconst { a } = one;",
  ],
  [
    "defaults in a pattern stay",
    "const { a = 1 } = require('./names');",
    "import * as names from './names.js';\n\nconst { a = 1 } = names;",
  ],
  ["a package gives one value", "const { a } = require('pack');", "import pack from 'pack';\n\nconst { a } = pack;"],
  ["for effect alone", "require('./effect');", "import './effect.js';"],
  ["one member", "const x = require('./names').y;", "import { y as x } from './names.js';"],
  ["json", "const d = require('./data.json');", "import d from './data.json' with { type: 'json' };"],
  [
    "several at once",
    "const n = require('./names'),\n  o = require('./one');",
    "import * as n from './names.js';\nimport o from './one.js';",
  ],
  ["a called require", "const x = require('./one')(1);", "import one from './one.js';\n\nconst x = one(1);"],
  [
    "a name that is taken gets another",
    "const one = require('./one')(1);",
    "import oneModule from './one.js';\n\nconst one = oneModule(1);",
  ],
  [
    "a late require moves up",
    "function f() {\n  const { a } = require('./names');\n  return a;\n}\n",
    "import * as names from './names.js';\n\nfunction f() {\n  const { a } = names;\n  return a;\n}\n",
  ],
  [
    "a require that may fail stays",
    "let x;\ntry {\n  x = require('pack');\n} catch {}\n",
    `${REQUIRE}\n\nlet x;\ntry {\n  x = require('pack');\n} catch {}\n`,
  ],
  [
    "a name made at run time stays",
    "const fs = require('node:fs');\nconst p = require('./' + x);",
    `import fs from 'node:fs';\n${REQUIRE}\nconst p = require('./' + x);`,
  ],
  ["resolve stays", "const p = require.resolve('./one');", `${REQUIRE}\n\nconst p = require.resolve('./one');`],
  [
    "a binding that is written to is kept",
    "let n = require('./names');\nn = 1;",
    "import * as names from './names.js';\n\nlet n = names;\nn = 1;",
  ],
  ["folder and file", "f(__dirname, { __filename });", "f(import.meta.dirname, { __filename: import.meta.filename });"],
  ["main", "if (require.main === module) run();", "if (import.meta.main) run();"],
  ["not main", "if (module !== require.main) run();", "if (!import.meta.main) run();"],
  [
    "main before Node 24.2",
    "if (require.main === module) run();",
    `${MAIN_TEST("import.meta.filename")}\n\nif (isMain()) run();`,
    { hasImportMetaMain: false },
  ],
  [
    "main where other names are taken and require stays",
    "const isMain = 1;\nif (require.main !== module) f(require.resolve('./one'));",
    `${REQUIRE}\n\n${HELPER("isMainFile", "import.meta.filename")}\n\nconst isMain = 1;\nif (!isMainFile()) f(require.resolve('./one'));`,
    { hasImportMetaMain: false },
  ],
  [
    "main, folder and file before Node 20.11",
    "const path = require('node:path');\nif (require.main === module) run(path.dirname(__dirname), __filename);",
    `import path from 'node:path';\nimport { createRequire } from 'node:module';\nimport { fileURLToPath } from 'node:url';\nimport { dirname as dirnameOf } from 'node:path';\n\nconst __filename = fileURLToPath(import.meta.url);\nconst __dirname = dirnameOf(__filename);\n\n${HELPER("isMain", "__filename")}\nif (isMain()) run(path.dirname(__dirname), __filename);`,
    {
      hasImportMetaMain: false,
      hasImportMetaFilename: false,
      modules: { "node:path": { kind: "builtin", specifier: "node:path" } },
    },
  ],
  [
    "strict goes, shebang and comments stay",
    "#!/usr/bin/env node\n// a\n'use strict';\n\n/* b */\nexports.x = 1; // c\n",
    "#!/usr/bin/env node\n// a\n/* b */\nexport const x = 1; // c\n",
  ],
  ["a binding is exported as it is", "const a = 1;\nexports.a = a;", "const a = 1;\nexport { a };"],
  [
    "neighbours share a line",
    "function a() {}\nfunction b() {}\nexports.a = a;\nexports.c = b;",
    "function a() {}\nfunction b() {}\nexport { a, b as c };",
  ],
  ["a function", "exports.f = async function* (a) {};", "export async function* f(a) {}"],
  [
    "a function with another name",
    "exports.f = function g() { return g; };",
    "export const f = function g() { return g; };",
  ],
  ["a class", "exports.C = class extends Map {};", "export class C extends Map {}"],
  [
    "a taken name",
    "exports.a = 1;\nfunction f(a) { return a; }",
    "const a_ = 1;\nexport { a_ as a };\nfunction f(a) { return a; }",
  ],
  ["a reserved name", "function f() {}\nexports.delete = f;", "function f() {}\nexport { f as delete };"],
  [
    "its own exports are read by name",
    "exports.a = () => 1;\nexports.b = () => exports.a();",
    "export const a = () => 1;\nexport const b = () => a();",
  ],
  [
    "a binding that changes is copied",
    "let n = 0;\nn++;\nexports.n = n;",
    "let n = 0;\nn++;\nconst n_ = n;\nexport { n_ as n };",
  ],
  [
    "an object of bindings",
    "const a = 1, b = 2;\nmodule.exports = { a, c: b };",
    "const a = 1, b = 2;\nexport { a, b as c };",
  ],
  [
    "comments in the list stay",
    "const a = 1;\nmodule.exports = {\n  // first\n  a, // why\n};",
    "const a = 1;\nexport {\n  // first\n  a, // why\n};",
  ],
  [
    "an object with values and methods",
    "module.exports = {\n  limit: 10,\n  /** Go. */\n  run(a) {\n    return a;\n  },\n};\n",
    "export const limit = 10;\n/** Go. */\nexport function run(a) {\n  return a;\n}\n",
  ],
  ["one value", "module.exports = (a) => a;", "export default (a) => a;", { self: "default" }],
  [
    "a function as one value",
    "module.exports = function f() {};\n",
    "export default function f() {}\n",
    { self: "default" },
  ],
  ["an object as one value", "module.exports = { ...a };", "export default { ...a };", { self: "default" }],
  [
    "what is set upon the value",
    "function f() {}\nmodule.exports = f;\nmodule.exports.x = 1;",
    "function f() {}\nexport default f;\nf.x = 1;",
    { self: "default" },
  ],
  [
    "what is set upon a nameless value",
    "module.exports = () => 1;\nmodule.exports.x = 1;",
    "const main = () => 1;\nexport default main;\nmain.x = 1;",
    { self: "default" },
  ],
  [
    "callers at run time are served",
    "module.exports = () => 1;",
    'const main = () => 1;\nexport default main;\nexport { main as "module.exports" };',
    { self: "default", servesRequire: true },
  ],
];

for (const [claim, before, after, facts] of TABLE) {
  test(`converts: ${claim}`, async () => {
    const result = await convert(before, { ...FACTS, ...facts });
    assert.deepEqual(result.kind === "converted" ? result.text : result, after);
  });
}

const BLOCKED: readonly [string, RegExp, Partial<Facts>?][] = [
  ["if (x) exports.a = 1;", /sets exports\.a inside/],
  ["if (x) module.exports = a; else module.exports = b;", /sets module\.exports inside/],
  ["module.exports = a;\nmodule.exports = b;", /more than once/, { self: "default" }],
  ["exports = module.exports = {};", /sets exports itself|in one go|inside/],
  ["exports.a = 1;\nexports.a = 2;", /exports "a" twice/],
  ["exports[name] = 1;", /computed name/],
  ["fill(exports);", /exports as a value/],
  ["load(module);", /module as a value/],
  ["const p = module.parent;", /module\.parent/],
  ["delete require.cache[x];", /require\.cache/],
  ["this.x = 1;", /this at the top/],
  ["return;", /returns at the top/],
  ["const require = f;", /declares a "require"/],
  ["const x = require('./gone');", /requires "\.\/gone", which is not there/],
  ["module.exports = { ...a };", /cannot be told/],
  ["with (a) b();", /uses with/],
  ["const a = 010;", /would not parse as a module/],
  ["const = 1;", /cannot be parsed/],
];

for (const [source, reason, facts] of BLOCKED) {
  test(`does not convert: ${source.split("\n")[0]}`, async () => {
    const result = await convert(source, { ...FACTS, ...facts });
    assert.match(result.kind === "blocked" ? result.reason : result.text, reason);
  });
}

test("whatever is converted parses as a module, and keeps every comment", async () => {
  const pieces = TABLE.filter(([, , , facts]) => facts === undefined).map(([, before]) =>
    before.replace(/^#!.*\n/, ""),
  );
  const files = fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 5 });
  let converted = 0;
  await fc.assert(
    fc.asyncProperty(files, async (parts) => {
      const source = parts.map((part, index) => `// part ${index}\n${part}\n`).join("");
      const result = await convert(source, FACTS);
      if (result.kind === "blocked") return;
      converted++;
      parse(result.text, { ecmaVersion: "latest", sourceType: "module" });
      for (const index of parts.keys()) assert.ok(result.text.includes(`// part ${index}\n`), result.text);
    }),
    { numRuns: 300 },
  );
  assert.ok(converted > 50, `only ${converted} were converted`);
});
