/** Files put together from pieces. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { addPiece, type Reading, readCommand, readTarget, textOf } from "../../src/rehearsal/reading.ts";
import { shell } from "./drive.ts";

const CASES: readonly [string, string][] = [
  ["with a line break at its end", "a\nb\n"],
  ["without one", "a\nb"],
  ["with blank lines at its end", "a\n\n\n"],
  ["of one line", "a\n"],
  ["longer than one piece", "line\n".repeat(400)],
  ["that ends exactly with a piece", "line\n".repeat(150)],
  ["that goes on behind a piece without a line break", `${"line\n".repeat(150)}end`],
];

for (const [claim, text] of CASES) {
  test(`reads a file ${claim}`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "reading-"));
    t.after(() => rm(folder, { recursive: true, force: true }));
    await writeFile(join(folder, "a.js"), text);
    let reading: Reading | undefined;
    for (let round = 0; round < 6 && textOf(reading) === null; round++) {
      const command = readCommand("a.js", reading);
      const target = readTarget(command)!;
      const { code, text: output } = await shell(command, folder);
      reading = addPiece(reading, target.from, target.to, `exit code ${code} · 0.0 s\n${output}`);
    }
    assert.equal(textOf(reading), text);
  });
}

test("a piece that was cut is asked for again, smaller, and at last given up", () => {
  let reading: Reading | undefined;
  let rounds = 0;
  for (; rounds < 10 && !reading?.trouble; rounds++) {
    const { from, to } = readTarget(readCommand("a.js", reading))!;
    reading = addPiece(
      reading,
      from,
      to,
      "exit code 0 · 0.0 s\n9\nx\n[… 99 tokens in 3 lines left out; the whole output is in /f …]\ny\n",
    );
  }
  assert.deepEqual([rounds, reading!.trouble], [5, "has lines too long to be read"]);
});
