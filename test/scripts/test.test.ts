/** The test runner: what it says about files that pass, fail, break, skip and hold nothing. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";

const scripts = join(import.meta.dirname, "../../scripts");
const head = 'import assert from "node:assert/strict";\nimport { describe, test } from "node:test";\n';

interface Ran {
  readonly code: number | null;
  readonly output: string;
  readonly lastLine: string;
}

function runTests(t: TestContext, files: Readonly<Record<string, string>>, ...args: string[]): Ran {
  const root = mkdtempSync(join(tmpdir(), "godwit-runner-"));
  t.after(() => rmSync(root, { recursive: true }));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(root, "test", dirname(file)), { recursive: true });
    writeFileSync(join(root, "test", file), head + text);
  }
  // Inside a test run the runner would think it is one of its own children.
  const { NODE_TEST_CONTEXT: _, ...rest } = process.env;
  const env = { ...rest, EXAMPLE_API_KEY: "k", HTTPS_PROXY: "http://127.0.0.1:1", GODWIT_HOME: "/nowhere" };
  const done = spawnSync(process.execPath, [join(scripts, "test.ts"), "--root", root, ...args], {
    encoding: "utf8",
    env,
  });
  const output = done.stdout + done.stderr;
  return { code: done.status, output, lastLine: output.trimEnd().split("\n").at(-1) as string };
}

test("failures are told in full, with file, claim and what was printed, and the last line counts", (t) => {
  const ran = runTests(t, {
    "kit/good.test.ts": 'test("holds", () => {});\ndescribe("more", () => { test("holds too", () => {}); });\n',
    "kit/bad.test.ts": [
      'console.log("a word before");',
      'test("two is three", () => assert.equal(2, 3));',
      'test("outer", async (t) => { await t.test("inner", () => { throw new Error("went wrong"); }); });',
      'test("skips", (t) => t.skip("no such program"));',
    ].join("\n"),
    "kit/broken.test.ts": 'throw new Error("broke off");\n',
    "kit/empty.test.ts": "export {};\n",
  });
  assert.equal(ran.lastLine, "2 passed, 3 failed, 1 skipped");
  assert.equal(ran.code, 1);
  assert.match(ran.output, /^ok +\d+ ms {2}test\/kit\/good\.test\.ts {2}2 passed, 0 failed$/m);
  assert.match(ran.output, /^FAILED +\d+ ms {2}test\/kit\/bad\.test\.ts {2}0 passed, 2 failed, 1 skipped$/m);
  assert.match(ran.output, /^test\/kit\/bad\.test\.ts > two is three\n[\s\S]*2 !== 3/m);
  assert.match(ran.output, /^test\/kit\/bad\.test\.ts > inner\n {2}Error: went wrong/m);
  assert.match(ran.output, /it printed --\na word before\n/);
  assert.match(ran.output, /Error: broke off/);
  assert.match(ran.output, /^empty +\d+ ms {2}test\/kit\/empty\.test\.ts {2}0 passed, 0 failed$/m);
});

test("when all pass the exit code is 0, and the children see a clean environment", (t) => {
  const claim = [
    'test("is clean", () => {',
    "  assert.deepEqual(Object.keys(process.env).filter((name) => /_API_KEY$|proxy|^GODWIT_/i.test(name)), []);",
    '  assert.match(process.env.HOME ?? "", /godwit-test-home-/);',
    "});",
  ];
  const ran = runTests(t, { "kit/env.test.ts": claim.join("\n") });
  assert.equal(ran.lastLine, "1 passed, 0 failed", ran.output);
  assert.equal(ran.code, 0);
});

test("words choose rooms first and paths else; fixtures are no tests; nothing chosen is a failure", (t) => {
  const files = {
    "kit/a.test.ts": 'test("a", () => {});',
    "tools/kit-like.test.ts": 'test("b", () => {});',
    "fixtures/c.test.ts": 'test("c", () => {});',
  };
  assert.equal(runTests(t, files, "kit").lastLine, "1 passed, 0 failed");
  assert.equal(runTests(t, files, "kit-like", "kit", "--slow").lastLine, "2 passed, 0 failed");
  const none = runTests(t, files, "nowhere");
  assert.equal(none.lastLine, "0 passed, 0 failed");
  assert.equal(none.code, 1);
});

test("under a Node that cannot read TypeScript one sentence says what to do", () => {
  const old = 'data:text/javascript,Object.defineProperty(process.versions, "node", { value: "20.20.2" })';
  const args = ["--import", old, join(scripts, "run.mjs"), "test"];
  const done = spawnSync(process.execPath, args, { encoding: "utf8" });
  assert.equal(done.status, 2);
  assert.match(done.stderr, /^This is Node 20\.20\.2, and "test" needs Node 24 or newer: .*\.\n$/);
});

test("a file that shares its cases is told under its own name", (t) => {
  const cases = 'export const cases = () => test("shared", () => {});\n';
  const user = 'import { cases } from "../cases/log.ts";\ncases();\n';
  const ran = runTests(t, { "cases/log.ts": cases, "kit/a.test.ts": user, "kit/b.test.ts": user });
  assert.match(ran.output, /test\/kit\/a\.test\.ts {2}1 passed[\s\S]*test\/kit\/b\.test\.ts {2}1 passed/);
  assert.doesNotMatch(ran.output, /cases/);
});
