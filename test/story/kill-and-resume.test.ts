/** The short form of test/soak/kill.ts: the real binary is killed at random moments, and its thread goes on. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { contentText, isOutput } from "../../src/wire/item.ts";
import { until } from "../sandbox/with-run.ts";
import { rehearsalCourse, scriptedCourse } from "../support/courses.ts";
import {
  awaitText,
  entriesOf,
  OPEN,
  runGodwit,
  startedBy,
  startGodwit,
  writeConfig,
} from "../support/godwit-process.ts";
import { awaitGone, flyWithKills } from "../support/kill-flight.ts";
import { pairingFaults } from "../support/log-checks.ts";
import { seeded } from "../support/random.ts";
import { call, calls, say, startScriptedModel } from "../support/scripted-model.ts";
import { tempHome } from "../support/temp-home.ts";

/** What is done and when it is killed; how far it has come by then is chance all the same. */
const SEED = Number(process.env.SEED ?? 4);

test(`killed at random moments, no entry is lost and no effect is had twice (seed ${SEED})`, async (t) => {
  const random = seeded(SEED);
  const course = await scriptedCourse(tempHome(t).root, random, 24);
  t.after(() => course.close());
  const { faults, kills } = await flyWithKills(course, random, 6);
  assert.deepEqual(faults, []);
  t.diagnostic(kills.map(({ phase, whom }) => `${phase} (${whom})`).join(", "));
});

test(`a real migration is killed, goes on and leaves a package that works (seed ${SEED})`, async (t) => {
  const { root, write } = tempHome(t);
  const from = smallPackage(write);
  const course = await rehearsalCourse(join(root, "flight"), { from, limit: 9000, killWithinMs: 1200 });
  t.after(() => course.close());
  const { faults } = await flyWithKills(course, seeded(SEED), 3);
  assert.deepEqual(faults, []);
});

test("a call that ran when godwit was killed is answered as unknown and not run again", async (t) => {
  const { start, resume, home, project } = await stage(t);
  const godwit = start();
  await awaitText(godwit, "item.started");
  await writtenOnce(join(project, "effects.txt"));
  godwit.child.kill("SIGKILL");
  await godwit.ended;
  for (const pid of startedBy(godwit.pid)) process.kill(pid, "SIGKILL");
  const { code, stdout, stderr } = await resume();
  assert.deepEqual([code, stdout], [0, "Went on.\n"]);
  assert.match(stderr, new RegExp(`godwit: took over the log from process ${godwit.pid}, which is gone\n`));
  const entries = entriesOf(home);
  assert.deepEqual(pairingFaults(entries), []);
  const answers = entries.flatMap((entry) =>
    entry.kind === "item" && isOutput(entry.item) ? [contentText(entry.item.output).slice(0, 20)] : [],
  );
  // The first call ran; the patch, which nothing runs beside, had not begun.
  assert.deepEqual(answers, ["Interrupted: the out", "Interrupted, not run"]);
  await writtenOnce(join(project, "effects.txt"));
});

test("what a killed godwit left running is found and named by the next one", async (t) => {
  const { start, resume, project } = await stage(t);
  const godwit = start();
  await writtenOnce(join(project, "effects.txt"));
  godwit.child.kill("SIGKILL");
  await godwit.ended;
  const left = startedBy(godwit.pid);
  t.after(() => {
    for (const pid of startedBy(godwit.pid)) process.kill(pid, "SIGKILL");
  });
  assert.ok(left.length > 0, "the command should outlive godwit, as no sandbox ends it");
  const { code, stderr } = await resume();
  assert.equal(code, 0);
  assert.match(stderr, /what its commands started still runs: .*sleep 300.*; kill what is not wanted\n/);
  for (const pid of left) assert.match(stderr, new RegExp(`\\b${pid} \\(`));
  for (const pid of left) process.kill(pid, "SIGKILL");
  assert.deepEqual(await awaitGone([godwit.pid], 5000), []);
});

/** A model that asks for a command that takes its time and a patch, then says that it went on. */
async function stage(t: TestContext) {
  const model = await startScriptedModel([
    calls([
      call("exec_command", { cmd: "echo ran >> effects.txt; sleep 300" }),
      call("apply_patch", { patch: "*** Begin Patch\n*** Add File: new.txt\n+new\n*** End Patch" }),
    ]),
    say("Went on."),
  ]);
  t.after(() => model.close());
  const { home, project, env } = tempHome(t);
  writeConfig(home, model.url);
  const options = { cwd: project, env };
  return {
    home,
    project,
    start: () => startGodwit(["exec", "--json", ...OPEN, "Work."], options),
    resume: () => runGodwit(["resume", "--last", ...OPEN, "Go on."], options),
  };
}

/** The file comes to hold one line. */
async function writtenOnce(file: string): Promise<void> {
  await until(() => existsSync(file) && readFileSync(file, "utf8") !== "", `a line in ${file}`);
  assert.equal(readFileSync(file, "utf8"), "ran\n");
}

/** Three modules, a circle among them, and a test. */
function smallPackage(write: (path: string, text: string) => string): string {
  write(
    "small/package.json",
    '{\n  "name": "small",\n  "version": "1.0.0",\n  "scripts": { "test": "node --test" }\n}\n',
  );
  write(
    "small/lib/even.js",
    "'use strict';\nconst odd = require('./odd');\nexports.even = (n) => n === 0 || odd.odd(n - 1);\n",
  );
  write(
    "small/lib/odd.js",
    "'use strict';\nconst even = require('./even');\nexports.odd = (n) => n !== 0 && even.even(n - 1);\n",
  );
  write(
    "small/lib/sum.js",
    "'use strict';\nmodule.exports = function sum(list) {\n  return list.reduce((a, b) => a + b, 0);\n};\n",
  );
  const test = `'use strict';
const { test } = require('node:test');
const assert = require('node:assert');
const sum = require('../lib/sum');
const { even } = require('../lib/even');
test('sums', () => assert.strictEqual(sum([1, 2]), 3));
test('even', () => assert.ok(even(4)));
`;
  return dirname(dirname(write("small/test/all.test.js", test)));
}
