/** No host, no path, nothing half done. What is looked for is put together here too, or the check would find it. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { checkText, smellsOf } from "../../scripts/check-text.ts";

const work = `/${"work"}/main`;
const host = ["registry", "npmjs", "org"].join(".");
const mirror = ["npm", "registry", "example", "com"].join(".");

for (const text of [
  `see https://${host}/acorn`,
  `the host ${host.toUpperCase()} is down`,
  `fetched from http://${mirror}:4873/x`,
  `https://${["files", "pythonhosted", "org"].join(".")}/packages`,
  `cd ${work}`,
  `"${work}/src"`,
  `file://${work}`,
  `/${"root"}/.npmrc`,
  `at /${"home"}/jdoe/godwit`,
  `/tmp/bash_${"jobs"}.0/x`,
]) {
  test(`"${text}" tells where it was made`, () => {
    assert.equal(smellsOf("docs/house.md", `fine\n${text}\n`).length, 1);
    assert.match(smellsOf("docs/house.md", `fine\n${text}\n`)[0] as string, /^docs\/house\.md:2 names /);
  });
}

test("placeholders, relative paths and ordinary addresses are fine", () => {
  const text = [
    "/home/USER/godwit /home/user/x /home/me/.ssh",
    `../${"work"}/x and ./${"work"}/y, \${dir}/${"work"}/z, a/${"root"}/b, ~/${"work"}/c`,
    "https://example.com/registry https://github.com/x/y http://127.0.0.1:1/v1",
    "the npm registry, pypi and crates; /workspace/x, /rooted/y, /tmp/x",
  ].join("\n");
  assert.deepEqual(smellsOf("README.md", text), []);
});

test("half done sources and switched off tests are found where they count", () => {
  const later = `// ${"TO"}${"DO"} later`;
  assert.deepEqual(smellsOf("src/cli/main.ts", later), [`src/cli/main.ts:1 is left half done: ${"TO"}${"DO"}`]);
  assert.deepEqual(smellsOf("docs/house.md", later), []);
  const off = [`test.${"only"}("a", f);`, `it("b", { ${"skip"}: true }, f);`, `describe("c", { ${"todo"}: "x" });`];
  assert.equal(smellsOf("test/cli/a.test.ts", [...off, `t.${"skip"}();`].join("\n")).length, 4);
  assert.deepEqual(smellsOf("test/cli/a.test.ts", 't.skip("needs a small tmpfs");'), []);
});

test("a lock file names no place a package was fetched from", () => {
  assert.equal(smellsOf("package-lock.json", '{\n"resolved": "https://example.com/a.tgz"\n}').length, 1);
  assert.deepEqual(smellsOf("package-lock.json", '{\n"resolved": "dev"\n}'), []);
});

test("tracked files and commit messages are read; untracked and exempt files are not", (t) => {
  const root = mkdtempSync(join(tmpdir(), "godwit-text-"));
  t.after(() => rmSync(root, { recursive: true }));
  const git = (...args: string[]): string =>
    execFileSync("git", ["-C", root, "-c", "user.name=a", "-c", "user.email=a@example.com", ...args], {
      encoding: "utf8",
    });
  mkdirSync(join(root, "eval/sessions"), { recursive: true });
  for (const file of ["a.md", "eval/sessions/b.jsonl", "untracked.md"]) writeFileSync(join(root, file), `${work}\n`);
  git("init", "-q");
  git("add", "a.md", "eval");
  git("commit", "-qm", `Say it\n\nMade in ${work}.`);
  const hash = git("log", "--format=%h").trim();
  assert.deepEqual(checkText(root), [
    `a.md:1 names a path of one machine: ${work.slice(0, 7)}`,
    `commit ${hash}:4 names a path of one machine: ${work.slice(0, 7)}`,
  ]);
});
