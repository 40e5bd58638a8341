/** Patches the planner writes, applied by the tool that will apply them. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { inversePatch, patchedFiles, patchText } from "../../src/rehearsal/patch-text.ts";
import { runPatch } from "../../src/tools/patch/run-patch.ts";

test("a patch leads from one text to the other, and its inverse back, also where lines repeat", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "patch-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "a.js");
  const lines = fc.array(fc.constantFrom("a", "b", "c", "}", "", "  x"), { minLength: 1, maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(lines, lines, async (old, now) => {
      const [before, after] = [`${old.join("\n")}\n`, `${now.join("\n")}\n`];
      if (before === after) return;
      await writeFile(file, before);
      const patch = patchText([{ path: "a.js", before, after }]);
      assert.match(String((await runPatch(patch, folder)).output), /^Patch applied:/, patch);
      assert.equal(await readFile(file, "utf8"), after, patch);
      assert.match(String((await runPatch(inversePatch(patch), folder)).output), /^Patch applied:/);
      assert.equal(await readFile(file, "utf8"), before);
    }),
    { numRuns: 150 },
  );
});

test("a patch names its files", () => {
  const patch = patchText([
    { path: "a.js", before: "1\n", after: "2\n" },
    { path: "b/c.js", before: "1\n", after: "2\n" },
  ]);
  assert.deepEqual(patchedFiles(patch), ["a.js", "b/c.js"]);
});
