/** The example that is shipped, from its first test run to its last. */
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { assertions, commit, copyOf, drive, EXAMPLE, FAST, replaceIn, suite } from "./drive.ts";

test("the example is migrated over many folds, with the same assertions", { timeout: 120_000 }, async (t) => {
  const folder = await copyOf(EXAMPLE, t, { git: false });
  await replaceIn(folder, "package.json", "node --test", FAST);
  await commit(folder);
  const [before, same] = [await suite(folder), await assertions(folder)];
  const done = await drive(folder, { foldAfter: 17, outputTokens: 700 });
  assert.match(
    done.text,
    /Converted to ES modules: 34 of 34 files\nLeft as it was: nothing\npackage\.json: "type": "module"/,
  );
  assert.ok(done.folds >= 5, `${done.folds} folds`);
  assert.deepEqual(before, { code: 0, pass: before.pass, fail: 0 });
  assert.deepEqual(await suite(folder), before);
  assert.deepEqual(await assertions(folder), same);
  const modules = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith(".js"));
  for (const file of modules) {
    const text = await readFile(join(folder, file), "utf8");
    assert.doesNotMatch(text, /module\.exports\s*=|\bexports\.\w|__dirname|require\.main/, file);
  }
});
