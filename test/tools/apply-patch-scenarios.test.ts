import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { test } from "node:test";
import { runPatch } from "../../src/tools/patch/run-patch.ts";

const CASES = join(import.meta.dirname, "../fixtures/apply-patch");

/** Each case, and what the answer begins with. */
const ANSWERS: Readonly<Record<string, string>> = {
  "001_add_file": "Patch applied:\nA bar.md",
  "002_multiple_operations": "Patch applied:\nA nested/new.txt\nM modify.txt\nD delete.txt",
  "003_multiple_chunks": "Patch applied:\nM multi.txt",
  "004_move_to_new_directory": "Patch applied:\nR old/name.txt -> renamed/dir/name.txt",
  "005_rejects_empty_patch": "Patch not applied: line 2 of the patch: the patch is empty",
  "006_rejects_missing_context": "Patch not applied: modify.txt (patch line 3): its lines were not found.",
  "007_rejects_missing_file_delete": "Patch not applied: missing.txt: no such file, so it cannot be deleted.",
  "008_rejects_empty_update_hunk": "Patch not applied: line 3 of the patch: the update of foo.txt is empty",
  "009_requires_existing_file_for_update": "Patch not applied: missing.txt: no such file, so it cannot be updated.",
  "010_move_overwrites_existing_destination": "Patch applied:\nR old/name.txt -> renamed/dir/name.txt",
  "011_add_overwrites_existing_file": "Patch applied:\nA duplicate.txt",
  "012_delete_directory_fails": "Patch not applied: dir: is a folder",
  "013_rejects_invalid_hunk_header": 'Patch not applied: line 2 of the patch: expected "*** Add File: PATH"',
};

test("the table names every case there is", async () => {
  const folders = (await readdir(CASES, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  assert.deepEqual(folders.map(({ name }) => name).sort(), Object.keys(ANSWERS));
});

for (const [name, beginning] of Object.entries(ANSWERS)) {
  test(`case ${name} leaves the expected tree`, async () => {
    const folder = await mkdtemp(join(tmpdir(), "godwit-patch-"));
    try {
      const source = join(CASES, name);
      await cp(join(source, "input"), folder, { recursive: true }).catch(() => mkdir(folder, { recursive: true }));
      const answer = await runPatch(await readFile(join(source, "patch.txt"), "utf8"), folder);
      assert.equal(String(answer.output).slice(0, beginning.length), beginning);
      assert.equal(answer.result.ok, beginning.startsWith("Patch applied:"));
      assert.deepEqual(await tree(folder), await tree(join(source, "expected")));
    } finally {
      await rm(folder, { recursive: true });
    }
  });
}

/** Every file's path and text, and every folder that holds nothing. */
async function tree(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files: Record<string, string> = {};
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) files[relative(folder, path)] = await readFile(path, "utf8");
    else if ((await readdir(path)).length === 0) files[relative(folder, path)] = "(empty folder)";
  }
  return files;
}
