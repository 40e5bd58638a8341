import assert from "node:assert/strict";
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import type { ToolAnswer } from "../../src/engine/ports.ts";
import { createApplyPatch } from "../../src/tools/apply-patch.ts";
import { runPatch } from "../../src/tools/patch/run-patch.ts";

const wrap = (...lines: string[]): string => ["*** Begin Patch", ...lines, "*** End Patch"].join("\n");

/** A folder with these files, gone after the test. */
async function folderWith(t: TestContext, files: Readonly<Record<string, string | Buffer>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "godwit-patch-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

const context = (cwd: string) => ({ cwd, outputTokens: 10_000, progress: () => {} });
const never = new AbortController().signal;
const refused = (output: string): ToolAnswer => ({ output: `Patch not applied: ${output}`, result: { ok: false } });

test("changes are told in the order A, M, D, with paths relative to the working directory inside it", async (t) => {
  const folder = await folderWith(t, { "in/gone.txt": "x\n", "in/a.txt": "x\n", "in/b.txt": "x\n", "out.txt": "x\n" });
  const cwd = join(folder, "in");
  const patch = wrap(
    "*** Delete File: gone.txt",
    "*** Update File: ../out.txt",
    "@@",
    "-x",
    "+y",
    `*** Update File: ${cwd}/a.txt`,
    "*** Move to: new/c.txt",
    "*** Update File: b.txt",
    "@@",
    "-x",
    "+y",
    "*** Add File: d.txt",
    "+d",
  );
  const out = join(folder, "out.txt");
  assert.deepEqual(await runPatch(patch, cwd), {
    output: `Patch applied:\nA d.txt\nM ${out}\nR a.txt -> new/c.txt\nM b.txt\nD gone.txt`,
    result: {
      ok: true,
      files: [
        { path: "d.txt", change: "add" },
        { path: out, change: "update" },
        { path: "a.txt", change: "update", movedTo: "new/c.txt" },
        { path: "b.txt", change: "update" },
        { path: "gone.txt", change: "delete" },
      ],
    },
  });
  assert.deepEqual((await readdir(cwd, { recursive: true })).sort(), ["b.txt", "d.txt", "new", "new/c.txt"]);
  assert.equal(await readFile(out, "utf8"), "y\n");
});

test("one file that does not fit keeps every file from being written, and all that is wrong is told", async (t) => {
  const body = Array.from({ length: 30 }, (_, index) => `const value${index} = compute(${index});`);
  const cwd = await folderWith(t, { "big.ts": `${body.join("\n")}\n`, "good.txt": "x\n" });
  const patch = wrap(
    "*** Update File: good.txt",
    "@@",
    "-x",
    "+y",
    "*** Add File: new/folder/file.txt",
    "+new",
    "*** Update File: big.ts",
    "@@",
    "-const value3 = compute(3);",
    "+const value3 = 3;",
    "@@",
    " const value11 = compute(11);",
    "-const value12 = compute(13);",
    "+const value12 = 12;",
    "*** Delete File: none.txt",
  );
  assert.deepEqual(
    await runPatch(patch, cwd),
    refused(
      [
        "2 things are in the way.",
        "big.ts, hunk 2 of 2 (patch line 12): its lines were not found below line 4.",
        "The closest place, lines 9-16 of 30:",
        ...body.slice(8, 16).map((line, index) => `${index + 9}: ${line}`),
        "From line 13 on it differs; the patch has: const value12 = compute(13);",
        "none.txt: no such file, so it cannot be deleted.",
        "Nothing was written. Send the whole patch again with the lines as the files hold them.",
      ].join("\n"),
    ),
  );
  assert.deepEqual((await readdir(cwd)).sort(), ["big.ts", "good.txt"]);
  assert.equal(await readFile(join(cwd, "good.txt"), "utf8"), "x\n");
});

test("a short file is shown whole, an unlike one is said to be unlike, an empty one empty", async (t) => {
  const cwd = await folderWith(t, { short: "one\ntwo\n", long: "0123456789\n".repeat(100), empty: "" });
  const tail = "Nothing was written. Send the whole patch again with the lines as the files hold them.";
  const update = (path: string): Promise<ToolAnswer> =>
    runPatch(wrap(`*** Update File: ${path}`, "@@", "-wanted", "+w"), cwd);
  const why = "(patch line 3): its lines were not found.";
  assert.deepEqual(await update("short"), refused(`short ${why}\nThe whole file:\n1: one\n2: two\n${tail}`));
  assert.deepEqual(
    await update("long"),
    refused(`long ${why}\nNothing in the file's 100 lines is like "wanted".\n${tail}`),
  );
  assert.deepEqual(await update("empty"), refused(`empty ${why}\nThe file is empty.\n${tail}`));
});

test("what a failed patch shows of the files is bounded", async (t) => {
  const lines = Array.from({ length: 500 }, (_, index) => `line ${index} ${"x".repeat(3000)}`);
  const cwd = await folderWith(t, { f: lines.join("\n") });
  const hunks = Array.from({ length: 20 }, (_, index) => [
    "@@",
    ...lines.slice(index * 20, index * 20 + 15).map((line) => ` ${line}`),
    "-gone",
  ]);
  const { output } = await runPatch(wrap("*** Update File: f", ...hunks.flat()), cwd);
  assert.ok(String(output).length < 20_000, `${String(output).length} characters`);
  assert.equal(String(output).match(/f, hunk \d+ of 20/g)?.length, 20);
});

test("operations of one patch see what those before them did", async (t) => {
  const cwd = await folderWith(t, { a: "1\n" });
  const patch = wrap(
    "*** Update File: a",
    "*** Move to: b",
    "@@",
    "-1",
    "+2",
    "*** Update File: b",
    "@@",
    "-2",
    "+3",
    "*** Add File: a/inside",
    "+x",
    "*** Add File: c",
    "+c",
    "*** Delete File: c",
  );
  assert.equal((await runPatch(patch, cwd)).result.ok, true);
  assert.deepEqual((await readdir(cwd, { recursive: true })).sort(), ["a", "a/inside", "b"]);
  assert.equal(await readFile(join(cwd, "b"), "utf8"), "3\n");
});

test("mode stays, links are followed, and a deleted link leaves its target", async (t) => {
  const cwd = await folderWith(t, { "real/run.sh": "old\n", other: "x\n" });
  await chmod(join(cwd, "real/run.sh"), 0o755);
  await symlink("real/run.sh", join(cwd, "link.sh"));
  await symlink("other", join(cwd, "gone"));
  await symlink("not/yet.txt", join(cwd, "dangling"));
  const patch = wrap(
    "*** Update File: link.sh",
    "@@",
    "-old",
    "+new",
    "*** Delete File: gone",
    "*** Add File: dangling",
    "+made",
    "*** Update File: real/run.sh",
    "*** Move to: moved.sh",
    "@@",
    "-new",
    "+newer",
  );
  assert.equal((await runPatch(patch, cwd)).result.ok, true);
  assert.equal(await readFile(join(cwd, "moved.sh"), "utf8"), "newer\n");
  assert.equal((await stat(join(cwd, "moved.sh"))).mode & 0o777, 0o755);
  assert.equal(await readlink(join(cwd, "link.sh")), "real/run.sh");
  assert.equal(await readFile(join(cwd, "not/yet.txt"), "utf8"), "made\n");
  assert.equal((await lstat(join(cwd, "dangling"))).isSymbolicLink(), true);
  assert.deepEqual((await readdir(cwd)).sort(), ["dangling", "link.sh", "moved.sh", "not", "other", "real"]);
});

test("bytes that are not UTF-8 survive a change beside them", async (t) => {
  const cwd = await folderWith(t, { f: Buffer.from("caf\xe9\nold\n\xff\xfe\n", "latin1") });
  assert.equal((await runPatch(wrap("*** Update File: f", "@@", "-old", "+neu ü"), cwd)).result.ok, true);
  const wanted = Buffer.concat([
    Buffer.from("caf\xe9\n", "latin1"),
    Buffer.from("neu ü\n"),
    Buffer.from("\xff\xfe\n", "latin1"),
  ]);
  assert.deepEqual(await readFile(join(cwd, "f")), wanted);
});

test("folders, files in the way and things that are no files are refused", async (t) => {
  const cwd = await folderWith(t, { "dir/f": "x\n", file: "x\n" });
  const table: readonly (readonly [readonly string[], RegExp])[] = [
    [
      ["*** Update File: dir", "@@", "-x", "+y"],
      /^Patch not applied: dir: is a folder; a patch works on files only\.\nNothing was written\./,
    ],
    [["*** Add File: dir", "+x"], /dir: is a folder/],
    [["*** Update File: file", "*** Move to: dir", "@@", "-x", "+y"], /dir: is a folder/],
    [["*** Add File: file/below", "+x"], /file\/below: a part of its path is a file, not a folder\./],
    [["*** Update File: /dev/null", "@@", "-x", "+y"], /\/dev\/null: is not a regular file/],
    [[`*** Add File: ${"n".repeat(300)}`, "+x"], /its name is too long/],
  ];
  for (const [lines, wanted] of table) {
    const { output, result } = await runPatch(wrap(...lines), cwd);
    assert.match(String(output), wanted);
    assert.deepEqual(result, { ok: false });
  }
  assert.deepEqual((await readdir(cwd, { recursive: true })).sort(), ["dir", "dir/f", "file"]);
});

test("a file below a file of the same patch is refused", async (t) => {
  const cwd = await folderWith(t, {});
  const { output } = await runPatch(wrap("*** Add File: new/a", "+a", "*** Add File: new/a/b", "+b"), cwd);
  assert.match(String(output), /^Patch not applied: new\/a\/b: a part of its path is a file/);
  assert.deepEqual(await readdir(cwd), []);
});

test("a file that cannot be staged leaves the others, and neither folders nor temporary files behind", async (t) => {
  const cwd = await folderWith(t, { good: "x\n" });
  // As long as a path may be: there is no room for the name of a temporary file.
  const room = 4090 - Buffer.byteLength(cwd);
  const deep = `${`${"d".repeat(199)}/`.repeat(Math.floor(room / 200))}${"e".repeat((room % 200) - 3)}/f`;
  const patch = wrap(
    "*** Update File: good",
    "@@",
    "-x",
    "+y",
    "*** Add File: new/a",
    "+a",
    `*** Add File: ${deep}`,
    "+b",
  );
  const { output, result } = await runPatch(patch, cwd);
  assert.match(String(output), /^Patch not applied: .*\/f: its name is too long\. Nothing was written\.$/s);
  assert.equal(result.ok, false);
  assert.deepEqual(await readdir(cwd), ["good"]);
  assert.equal(await readFile(join(cwd, "good"), "utf8"), "x\n");
});

test("a placeholder of a secret is never written, and keeps the secret where it is context", async (t) => {
  const cwd = await folderWith(t, { ".env": "A=1\nAPI_KEY=real-secret-1\nB=2\n" });
  const wrong = await runPatch(wrap("*** Update File: .env", "@@", "-A=1", "+A=[secret:API_KEY]"), cwd);
  assert.deepEqual(
    wrong,
    refused(
      "an added line of .env holds [secret:API_KEY], which stands for a secret you cannot see. Nothing was written. Leave that line untouched (as a context line it is kept as it is), or have the code read the secret from an environment variable.",
    ),
  );
  const right = wrap("*** Update File: .env", "@@", " A=1", " API_KEY=[secret:API_KEY]", "-B=2", "+B=3");
  assert.equal((await runPatch(right, cwd)).result.ok, true);
  assert.equal(await readFile(join(cwd, ".env"), "utf8"), "A=1\nAPI_KEY=real-secret-1\nB=3\n");
});

test("patches that come together run one at a time, and an earlier failure stops none", async (t) => {
  const cwd = await folderWith(t, { f: "0\n" });
  const patches = Array.from({ length: 12 }, (_, n) =>
    n === 5 ? wrap("*** Update File: f", "@@", "-nowhere", "+x") : wrap("*** Update File: f", "@@", " 0", `+line ${n}`),
  );
  const answers = await Promise.all(patches.map((patch) => runPatch(patch, cwd)));
  assert.deepEqual(
    answers.map(({ result }) => result.ok),
    patches.map((_, n) => n !== 5),
  );
  const lines = (await readFile(join(cwd, "f"), "utf8")).trimEnd().split("\n");
  assert.deepEqual(lines, ["0", ...[11, 10, 9, 8, 7, 6, 4, 3, 2, 1, 0].map((n) => `line ${n}`)]);
});

test("an interrupted patch changes nothing", async (t) => {
  const cwd = await folderWith(t, {});
  const answer = await runPatch(wrap("*** Add File: a", "+a"), cwd, AbortSignal.abort());
  assert.deepEqual(answer, refused("interrupted. Nothing was written."));
  assert.deepEqual(await readdir(cwd), []);
});

test("both forms take text as well as JSON, and answer what is neither", async (t) => {
  const cwd = await folderWith(t, {});
  for (const form of ["custom", "function"] as const) {
    const tool = createApplyPatch({ form });
    assert.equal(tool.parallel, false);
    assert.equal(tool.spec.type, form);
    const patch = wrap("*** Add File: a", "+a");
    for (const input of [patch, JSON.stringify({ patch }), JSON.stringify({ input: patch })]) {
      assert.equal((await tool.run(input, context(cwd), never)).output, "Patch applied:\nA a");
    }
    for (const input of ["", "{", "{}", '{"patch": 1}', "null", "[]", "\0"]) {
      const { output, result } = await tool.run(input, context(cwd), never);
      assert.match(String(output), /^Patch not applied: .*Nothing was written\.$/s);
      assert.deepEqual(result, { ok: false });
      assert.equal(tool.describe(input), "patch that cannot be read");
    }
  }
});

test("a call is described by its files, in one line", () => {
  const { describe } = createApplyPatch({ form: "custom" });
  const patch = wrap("*** Add File: a", "+a", "*** Update File: b", "*** Move to: c", "*** Delete File: d");
  assert.equal(describe(patch), "A a, R b -> c, D d");
  const many = Array.from({ length: 100 }, (_, index) => `*** Delete File: folder/file${index}`);
  assert.equal(describe(wrap(...many)).length, 200);
});
