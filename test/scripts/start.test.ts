/** The start: bin/godwit finds a Node and itself, and picks the bundle or the sources. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";

const repository = join(import.meta.dirname, "../..");
const says = (text: string): string =>
  `export const main = async (argv) => { console.log("${text}", argv.join(",")); return 7; };\n`;

/** A package with the real start, and fixtures behind it that say who they are. */
function packageOf(t: TestContext, files: readonly ("dist" | "src")[]): string {
  const root = mkdtempSync(join(tmpdir(), "godwit start-"));
  t.after(() => rmSync(root, { recursive: true }));
  cpSync(join(repository, "bin"), join(root, "bin"), { recursive: true });
  writeFileSync(join(root, "package.json"), '{ "type": "module", "version": "9.8.7" }\n');
  for (const folder of files) mkdirSync(join(root, folder === "src" ? "src/cli" : "dist"), { recursive: true });
  if (files.includes("dist")) writeFileSync(join(root, "dist/main.mjs"), says("bundle"));
  if (files.includes("src")) writeFileSync(join(root, "src/cli/main.ts"), says("sources"));
  return root;
}

function start(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): [number | null, string] {
  const done = spawnSync(program, args, {
    encoding: "utf8",
    maxBuffer: 1 << 24,
    env: { PATH: process.env.PATH, GODWIT_NODE: process.execPath, ...env },
  });
  return [done.status, (done.stdout + done.stderr).trim()];
}

test("arguments go in and the exit code comes out, also through links to links", (t) => {
  const root = packageOf(t, ["dist"]);
  assert.deepEqual(start(join(root, "bin/godwit"), ["exec", "a b"]), [7, "bundle exec,a b"]);
  mkdirSync(join(root, "links"));
  symlinkSync("../bin/godwit", join(root, "links/one"));
  symlinkSync("one", join(root, "links/two"));
  symlinkSync(join(root, "links/two"), join(root, "links/three"));
  assert.deepEqual(start(join(root, "links/three"), ["x"]), [7, "bundle x"]);
  assert.deepEqual(start("three", ["x"], { PATH: `${join(root, "links")}:${process.env.PATH}` }), [7, "bundle x"]);
});

test("--version is answered without a program", (t) => {
  const root = packageOf(t, []);
  assert.deepEqual(start(join(root, "bin/godwit"), ["--version"]), [0, "godwit 9.8.7"]);
  assert.deepEqual(start(join(root, "bin/godwit"), ["-V"]), [0, "godwit 9.8.7"]);
});

test("a checkout runs its sources when the bundle is missing or older, else the bundle", (t) => {
  const fresh = packageOf(t, ["src"]);
  assert.deepEqual(start(join(fresh, "bin/godwit"), []), [7, "sources"]);
  const built = packageOf(t, ["src", "dist"]);
  const at = (seconds: number, ...paths: string[]): void => {
    for (const path of paths) utimesSync(join(built, path), seconds, seconds);
  };
  at(1000, "src/cli/main.ts", "src/cli", "src");
  at(2000, "dist/main.mjs");
  assert.deepEqual(start(join(built, "bin/godwit"), []), [7, "bundle"]);
  at(3000, "src/cli/main.ts");
  assert.deepEqual(start(join(built, "bin/godwit"), []), [7, "sources"]);
});

test("an environment without a Node, or with an old one, gets one sentence", (t) => {
  const root = packageOf(t, ["dist"]);
  const program = join(root, "bin/godwit");
  const [code, text] = start(program, ["exec"], { GODWIT_NODE: "", PATH: join(root, "bin") });
  assert.equal(code, 127);
  assert.match(text, /^godwit: found no Node to run on \(node\); .*\.$/);
  const old = join(root, "old-node.mjs");
  writeFileSync(old, 'Object.defineProperty(process.versions, "node", { value: "20.20.2" });\n');
  const wrapper = join(root, "old-node");
  writeFileSync(wrapper, `#!/bin/sh\nexec "${process.execPath}" --import "${old}" "$@"\n`);
  chmodSync(wrapper, 0o755);
  const [oldCode, oldText] = start(program, ["exec"], { GODWIT_NODE: wrapper });
  assert.equal(oldCode, 2);
  assert.match(oldText, /^godwit: this is Node 20\.20\.2; install Node 24 or newer, .*\.$/);
});

test("what main wrote to a pipe arrives whole", (t) => {
  const root = packageOf(t, ["dist"]);
  const main = 'export const main = async () => { process.stdout.write("x".repeat(3_000_000)); return 3; };\n';
  writeFileSync(join(root, "dist/main.mjs"), main);
  const [code, text] = start(join(root, "bin/godwit"), []);
  assert.equal(code, 3);
  assert.equal(text.length, 3_000_000);
});
