/** Whole migrations: real folders, real commands, the real wire. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { commit, drive, FAST, replaceIn, shell, suite, TOOLS } from "./drive.ts";

async function packageOf(
  t: TestContext,
  files: Readonly<Record<string, string>>,
  { git = true } = {},
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "rehearsal-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  if (git) await commit(folder);
  return folder;
}

const TEST_HEAD = "const test = require('node:test');\nconst assert = require('node:assert');\n";

/** Few files, each with something of its own: a circle, one value, names, a folder, json. */
const LITTLE: Readonly<Record<string, string>> = {
  "package.json": `{\n  "name": "little",\n  "version": "1.0.0",\n  "scripts": { "test": "${FAST}" }\n}\n`,
  "src/egg.js": "const hen = require('./hen');\nexports.name = 'egg';\nexports.of = () => hen.name;\n",
  "src/hen.js": "exports.name = 'hen';\nexports.lay = () => require('./egg').name;\n",
  "src/count/index.js": "const start = require('./start.json');\nmodule.exports = (n) => start.from + n;\n",
  "src/count/start.json": '{ "from": 10 }\n',
  "test/all.test.js": `${TEST_HEAD}const { lay } = require('../src/hen');\nconst egg = require('../src/egg');\nconst count = require('../src/count');\ntest('birds', () => {\n  assert.equal(lay(), 'egg');\n  assert.equal(egg.of(), 'hen');\n});\ntest('numbers', () => assert.equal(count(1), 11));\n`,
};

test("a little package of another shape is migrated, wherever it is folded and whatever the fold takes", async (t) => {
  for (const losesPlan of [false, true]) {
    const folder = await packageOf(t, LITTLE);
    const done = await drive(folder, { foldAfter: 4, losesPlan });
    assert.match(done.text, /Converted to ES modules: 4 of 4 files\nLeft as it was: nothing/);
    assert.ok(done.folds >= 3);
    assert.deepEqual(await suite(folder), { code: 0, pass: 2, fail: 0 });
    assert.match(
      await readFile(join(folder, "src/count/index.js"), "utf8"),
      /^import start from '\.\/start\.json' with/,
    );
  }
});

test("files and folders may have other names", async (t) => {
  const folder = await packageOf(t, LITTLE, { git: false });
  await rename(join(folder, "src"), join(folder, "farm"));
  await rename(join(folder, "farm/egg.js"), join(folder, "farm/ei.js"));
  await replaceIn(folder, "farm/hen.js", "./egg", "./ei");
  await replaceIn(folder, "test/all.test.js", "src/egg", "src/ei");
  await replaceIn(folder, "test/all.test.js", /src/g, "farm");
  await commit(folder);
  const done = await drive(folder);
  assert.match(done.text, /Converted to ES modules: 4 of 4 files/);
  assert.deepEqual(await suite(folder), { code: 0, pass: 2, fail: 0 });
});

test("a test that failed before still fails after, and nothing else does", async (t) => {
  const folder = await packageOf(t, { ...LITTLE, "src/count/start.json": '{ "from": 0 }\n' });
  const done = await drive(folder, { outputTokens: 420 });
  assert.match(done.text, /Converted to ES modules: 4 of 4 files/);
  assert.match(
    done.text,
    /Tests before: exit code 1, 1 passed, 1 failed\nTests after: exit code 1, 1 passed, 1 failed/,
  );
  assert.deepEqual(await suite(folder), { code: 1, pass: 1, fail: 1 });
});

/** Marked as CommonJS, with files that cannot be converted: by their text, and by their tests. */
const STUBBORN: Readonly<Record<string, string>> = {
  "package.json": `{\n  "type": "commonjs",\n  "scripts": { "test": "${FAST}" }\n}`,
  "lib/late.js": "exports.set = (value) => { exports.value = value; };\n",
  "lib/mixed.js": 'const late = require("./late")\nmodule.exports = { late, seven: 7 }\n',
  "lib/patched.js": "exports.now = () => 1;\n",
  "index.js": 'module.exports = require("./lib/mixed");\n',
  "test/all.test.js": `${TEST_HEAD}const all = require("..");\nconst patched = require("../lib/patched");\ntest("late", () => {\n  all.late.set(3);\n  assert.equal(all.late.value, 3);\n  assert.equal(all.seven, 7);\n});\ntest("patched", () => {\n  patched.now = () => 2;\n  assert.equal(patched.now(), 2);\n});\n`,
};

test("what cannot be converted is put back and named, and the rest is converted", async (t) => {
  for (const git of [true, false]) {
    const folder = await packageOf(t, STUBBORN, { git });
    const done = await drive(folder, { foldAfter: 9 });
    assert.match(done.text, /^- lib\/late\.js: sets exports\.value inside a function/m);
    assert.match(done.text, /^- lib\/patched\.js: the tests fail with it/m);
    assert.match(done.text, /^Converted to ES modules: 3 of 5 files$/m);
    assert.match(done.text, /^package\.json: "type" is not set, because some files are still CommonJS/m);
    assert.deepEqual(await suite(folder), { code: 0, pass: 2, fail: 0 });
    assert.equal(await readFile(join(folder, "lib/patched.js"), "utf8"), STUBBORN["lib/patched.js"]);
  }
});

test("a file that changes between reading and patching is read again", async (t) => {
  const folder = await packageOf(t, LITTLE);
  let refusals = 0;
  const done = await drive(folder, {
    instead: (name) => (name === "apply_patch" && refusals++ === 0 ? "Patch not applied: hunk 1 was not found" : null),
  });
  assert.match(done.text, /Converted to ES modules: 4 of 4 files/);
});

test("an interrupted step, of which nobody knows what came of it, is looked at again", async (t) => {
  for (const tool of ["apply_patch", "exec_command"]) {
    const folder = await packageOf(t, LITTLE);
    let calls = 0;
    const done = await drive(folder, {
      instead: (name) => (name === tool && ++calls % 3 === 0 ? "interrupted: outcome unknown" : null),
    });
    assert.match(done.text, /Converted to ES modules: 4 of 4 files/);
    assert.deepEqual(await suite(folder), { code: 0, pass: 2, fail: 0 });
  }
});

test("function tools alone are enough, and a plan is not needed", async (t) => {
  const patch = { type: "function", name: "apply_patch", parameters: { properties: { patch: {} } } };
  const folder = await packageOf(t, LITTLE);
  const done = await drive(folder, { tools: [TOOLS[0], patch], foldAfter: 6 });
  assert.match(done.text, /Converted to ES modules: 4 of 4 files/);
});

/** A package for others: its main, a door of its exports and its bin each give one value away. */
const PUBLIC: Readonly<Record<string, string>> = {
  "package.json": `{\n  "name": "public",\n  "version": "1.0.0",\n  "main": "lib",\n  "bin": "tool.js",\n  "exports": { ".": { "default": "./lib/index.js" }, "./door/*": "./lib/door-*.js" },\n  "scripts": { "test": "${FAST}" }\n}\n`,
  "lib/index.js": "module.exports = (n) => n + 1;\n",
  "lib/door-one.js": "module.exports = class Door {};\n",
  "lib/inner.js": "module.exports = () => __dirname;\n",
  "tool.js":
    "#!/usr/bin/env node\nmodule.exports = () => 'tool';\nif (require.main === module) console.log('started');\n",
  "test/all.test.js": `${TEST_HEAD}const add = require('..');\nconst inner = require('../lib/inner');\nconst Door = require('../lib/door-one');\nconst tool = require('../tool');\ntest('all', () => {\n  assert.equal(add(1), 2);\n  assert.ok(new Door());\n  assert.ok(inner().endsWith('lib'));\n  assert.equal(tool(), 'tool');\n});\n`,
};

test("a CommonJS user of the package gets what he got before, and the bin starts by every name", async (t) => {
  for (const engines of ["", ">=18"]) {
    const folder = await packageOf(t, PUBLIC, { git: false });
    if (engines !== "")
      await replaceIn(folder, "package.json", '"main"', `"engines": { "node": "${engines}" },\n  "main"`);
    await commit(folder);
    const done = await drive(folder);
    assert.match(done.text, /Converted to ES modules: 5 of 5 files/);
    assert.match(done.text, /^Entries: require\(\) of lib\/door-one\.js, lib\/index\.js, tool\.js gives the same/m);
    const use =
      "const add = require('public'), Door = require('public/door/one'); console.log(add(1), typeof Door, require('./tool.js')())";
    assert.deepEqual(await shell(`node -e "${use}"`, folder), { code: 0, text: "2 function tool\n" });
    assert.doesNotMatch(await readFile(join(folder, "lib/inner.js"), "utf8"), /module\.exports/);
    await symlink(join(folder, "tool.js"), join(folder, "link"));
    for (const name of ["tool.js", "./tool", "link", "../*/tool.js"]) {
      assert.deepEqual(await shell(`node ${name}`, folder), { code: 0, text: "started\n" }, `${engines} ${name}`);
    }
    assert.deepEqual(await shell("node -e \"import('./tool.js')\" no-file", folder), { code: 0, text: "" });
    const tool = await readFile(join(folder, "tool.js"), "utf8");
    assert.doesNotMatch(tool, /import\.meta\.main/);
    assert.equal(tool.includes("import.meta.filename"), engines === "");
    assert.match(
      done.text,
      engines === ""
        ? /^Node: the tests ran on \d+\.\d+\.\d+ alone; the conversion needs 20\.11 or newer/m
        : /alone; the conversion needs 16 or newer \(export as "module\.exports"\)$/m,
    );
  }
});

test("the plan ends with nothing open, and ticks no type that was not set", async (t) => {
  const folder = await packageOf(t, STUBBORN);
  const done = await drive(folder);
  const plans = done.items.flatMap((item) =>
    item.type === "function_call" && item.name === "update_plan" ? [JSON.parse(item.arguments).plan] : [],
  );
  const steps = plans.at(-1).map(({ step, status }: { step: string; status: string }) => `${status} ${step}`);
  assert.deepEqual(steps, [
    "completed Convert the root (1 file)",
    "completed Convert lib (1 of 3, 2 left)",
    "completed Convert test (1 file)",
    'completed Leave "type" unset in package.json, since some files stay CommonJS',
    "completed Run the tests a last time",
    ...steps.slice(5, 7).filter((step: string) => step.startsWith("completed Report lib/")),
    "completed Compare with the tests before: exit code 0, 2 passed, 0 failed; git clean; 5 CommonJS files",
  ]);
  assert.match(done.text, /MODULE_TYPELESS_PACKAGE_JSON: silence it/);
});
