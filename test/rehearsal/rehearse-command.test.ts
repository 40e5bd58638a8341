/** `godwit rehearse` as a process: where its log goes when it can go nowhere, and what it says at the end. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { FAST, shell } from "./drive.ts";

const BIN = join(import.meta.dirname, "../../bin/godwit");

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function rehearse(folder: string, home: string, temp: string, path = process.env.PATH ?? ""): Promise<Ended> {
  const { NODE_TEST_CONTEXT: _, ...rest } = process.env;
  const env = { ...rest, GODWIT_HOME: home, TMPDIR: temp, PATH: `${dirname(process.execPath)}:${path}` };
  return new Promise((resolve) => {
    execFile(BIN, ["rehearse", folder], { env }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === "number" ? error.code : error ? 1 : 0, stdout, stderr }),
    );
  });
}

async function foldersOf(t: TestContext): Promise<{ folder: string; temp: string }> {
  const root = await mkdtemp(join(tmpdir(), "rehearse-"));
  t.after(() => rm(root, { recursive: true, force: true }));
  const folder = join(root, "my package");
  const temp = join(root, "temp");
  for (const one of [join(folder, "test"), temp]) await mkdir(one, { recursive: true });
  await writeFile(join(folder, "package.json"), `{ "name": "p", "scripts": { "test": "${FAST}" } }\n`);
  await writeFile(join(folder, "a.js"), "exports.a = 1;\n");
  await writeFile(
    join(folder, "test/a.test.js"),
    "const test = require('node:test');\nconst assert = require('node:assert');\ntest('a', () => assert.equal(require('../a').a, 1));\n",
  );
  return { folder, temp };
}

test("where no log can be written it runs without one, says so, and its last line shows the way to the result", async (t) => {
  const { folder, temp } = await foldersOf(t);
  const home = join(folder, "package.json", "home");
  const { code, stdout, stderr } = await rehearse(folder, home, temp);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /^No log is kept: .*package\.json\/home cannot be written \(ENOTDIR\)\.$/m);
  assert.match(stdout, /Converted to ES modules: 2 of 2 files/);
  const command = /^See it: (git -C '.+my package' diff)$/.exec(stderr.trimEnd().split("\n").at(-1)!)?.[1];
  assert.match((await shell(command!, temp)).text, /^\+export const a = 1;$/m);
  assert.deepEqual(
    (await readdir(temp)).filter((name) => !name.startsWith("godwit-rehearsal-") && name.startsWith("godwit-")),
    [],
  );
});

test("with a home that can be written there is a log, also where the home is not there yet", async (t) => {
  const { folder, temp } = await foldersOf(t);
  const home = join(temp, "new/home");
  const { code, stderr } = await rehearse(folder, home, temp);
  assert.equal(code, 0, stderr);
  assert.doesNotMatch(stderr, /No log is kept/);
  const files = await readdir(home, { recursive: true });
  assert.ok(
    files.some((name) => name.endsWith(".jsonl")),
    files.join(),
  );
  assert.ok(existsSync(folder));
});
