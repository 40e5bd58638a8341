import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Spill } from "../../src/sandbox/spill.ts";
import { tempFolder } from "./with-run.ts";

test("the file is its owner's alone and holds what was written", (t) => {
  const dir = join(tempFolder(t), "a", "b");
  const spill = new Spill({ dir, limitBytes: 1000, name: "out" });
  spill.write("one é\n");
  spill.write("two\n");
  spill.close();
  const { file, trouble } = spill.kept;
  assert.equal(file, join(dir, "out.txt"));
  assert.equal(trouble, "");
  assert.equal(readFileSync(join(dir, "out.txt"), "utf8"), "one é\ntwo\n");
  assert.equal(statSync(join(dir, "out.txt")).mode & 0o777, 0o600);
});

test("a file that exists is left alone", (t) => {
  const dir = tempFolder(t);
  writeFileSync(join(dir, "out.txt"), "mine");
  const spill = new Spill({ dir, limitBytes: 1000, name: "out" });
  spill.write("other");
  spill.close();
  assert.equal(spill.kept.file, join(dir, "out-1.txt"));
  assert.equal(readFileSync(join(dir, "out.txt"), "utf8"), "mine");
});

test("at its limit the file ends and says so", (t) => {
  const dir = tempFolder(t);
  const spill = new Spill({ dir, limitBytes: 10, name: "out" });
  for (let count = 0; count < 5; count++) spill.write("12€4\n");
  const text = readFileSync(join(dir, "out.txt"), "utf8");
  assert.equal(text, "12€4\n12\n[the output goes on; this file ends at its limit of 10 bytes]\n");
  assert.equal(spill.kept.trouble, "only its first 10 bytes");
});

test("a folder that cannot be made is said, not thrown", (t) => {
  const dir = tempFolder(t);
  writeFileSync(join(dir, "file"), "");
  const spill = new Spill({ dir: join(dir, "file", "sub"), limitBytes: 10, name: "out" });
  spill.write("x");
  spill.close();
  assert.equal(spill.kept.file, null);
  assert.match(spill.kept.trouble, /^it could not be saved: ENOTDIR/);
});
