/** The instrument itself: server, bare loop and what is made of their report. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { armsFor, openBench } from "../../bench/flight.ts";
import { stepsOf } from "../../bench/steps-part.ts";

const folder = mkdtempSync(join(tmpdir(), "godwit-bench-test-"));
after(() => rmSync(folder, { recursive: true, force: true }));

test("a bare loop reads every file, and each of its prompts begins with the one before", async () => {
  const bench = await openBench(folder);
  try {
    const [, bare] = armsFor("godwit");
    const flown = await bench.fly(bare, { steps: 3, outputBytes: 500 });
    assert.equal(flown.requests.length, 4);
    assert.equal(flown.extra, 0);
    assert.deepEqual(
      flown.requests.slice(1).map(({ sharedBytes, previousBytes }) => sharedBytes === previousBytes),
      [true, true, true],
    );
    const grown = (flown.requests[3]?.promptBytes ?? 0) - (flown.requests[0]?.promptBytes ?? 0);
    assert.ok(grown > 1500, `three outputs of 500 bytes came back, but prompts grew by ${grown}`);
    assert.ok(flown.firstRequestMs > 0 && stepsOf(flown).every((ms) => ms > 0));
  } finally {
    bench.close();
  }
});

test("an arm that gives up is an error that says what it said", async () => {
  const bench = await openBench(folder);
  try {
    const arm = { name: "quitter", command: () => ["/bin/sh", "-c", "echo no >&2; exit 3"] };
    await assert.rejects(bench.fly(arm, { steps: 0, outputBytes: 0 }), /quitter left with 3 after 0 requests of 1: no/);
  } finally {
    bench.close();
  }
});
