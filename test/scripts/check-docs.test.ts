/** The documents hold what they say. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { checkDocs, commandProblems } from "../../scripts/check-docs.ts";

test("dead links, unknown commands, long records and examples that do not compile are told with their line", async (t) => {
  const root = mkdtempSync(join(tmpdir(), "godwit-docs-"));
  t.after(() => rmSync(root, { recursive: true }));
  const repository = join(import.meta.dirname, "../..");
  const files = {
    "package.json": JSON.stringify({ type: "module", scripts: { check: "x" } }),
    "tsconfig.json": JSON.stringify({ compilerOptions: { strict: true, noEmit: true, types: [] } }),
    "src/cli/commands.ts": 'export const COMMANDS = [{ name: "exec" }];\n',
    "README.md": [
      "# A [house](docs/house.md#floors), [gone](docs/gone.md), [web](https://example.com), [out](../), [here](#a)",
      "`[code](nowhere.md)` is no link",
      "```sh",
      "npm run check && npm run build   # npm run later",
      "$ bin/godwit exec 'godwit flies' | godwit fly",
      "```",
      "[ref]: docs/ref.md",
    ].join("\n"),
    "docs/house.md": '```ts\nconst a: number = 1;\nconst b: string = a;\n```\n\n```js\nlet c: "not checked";\n```\n',
    "docs/decisions/001-long.md": "line\n".repeat(41),
  };
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(root, dirname(file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  symlinkSync(join(repository, "node_modules"), join(root, "node_modules"));
  assert.deepEqual(await checkDocs(root), [
    "README.md:1 links to docs/gone.md, which is not there",
    "README.md:1 links to ../, which is not there",
    "README.md:7 links to docs/ref.md, which is not there",
    'README.md:4 npm has no script "build"',
    'README.md:5 godwit has no command "fly"',
    "docs/decisions/001-long.md has 41 lines, at most 40 are allowed",
    "docs/house.md:3 does not compile: TS2322: Type 'number' is not assignable to type 'string'.",
  ]);
});

test("a command is looked at only where a shell would run it", () => {
  const known = { scripts: new Set(["test"]), godwit: new Set(["exec"]) };
  const unknown = (line: string): number => commandProblems(line, known).length;
  assert.equal(unknown("npm install && npm test -- thread"), 0);
  assert.equal(unknown("npm install && npm start"), 1);
  assert.equal(unknown("GODWIT_HOME=/tmp/x npx godwit serve --port 1"), 1);
  assert.equal(unknown("npm install godwit"), 0);
  assert.equal(unknown("godwit --version; godwit -h"), 0);
  assert.equal(unknown("echo godwit serve"), 0);
});
