/** Ctrl-C, a closed pipe, and what a command does about it: the turn ends, the log is whole, nothing lives on. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { until } from "../sandbox/with-run.ts";
import {
  awaitText,
  BINARY,
  entriesOf,
  eventsOf,
  type Godwit,
  OPEN,
  runGodwit,
  startedBy,
  startGodwit,
  writeConfig,
} from "../support/godwit-process.ts";
import { awaitGone } from "../support/kill-flight.ts";
import { pairingFaults } from "../support/log-checks.ts";
import { call, hang, type Script, say, startScriptedModel } from "../support/scripted-model.ts";
import { tempHome } from "../support/temp-home.ts";

async function stage(t: TestContext, script: Script) {
  const model = await startScriptedModel(script);
  t.after(() => model.close());
  const place = tempHome(t);
  writeConfig(place.home, model.url);
  const options = { cwd: place.project, env: place.env };
  const start = (): Godwit => startGodwit(["exec", "--json", ...OPEN, "Work."], options);
  const resume = () => runGodwit(["resume", "--last", "--json", ...OPEN, "Go on."], options);
  return { ...place, model, options, start, resume };
}

/** The output of the only call in a home's log. */
function answerIn(home: string): string {
  const found = entriesOf(home).findLast(
    (entry) => entry.kind === "item" && entry.item.type === "function_call_output",
  );
  return JSON.stringify(found);
}

test("Ctrl-C while a command runs: it ends, the call is answered, exit code 130, and the thread goes on", async (t) => {
  const { start, resume, home } = await stage(t, [
    call("exec_command", { cmd: "echo begun; sleep 300" }),
    say("Went on."),
  ]);
  const godwit = start();
  await awaitText(godwit, "item.started");
  process.kill(godwit.pid, "SIGINT");
  const { code, stdout } = await godwit.ended;
  assert.equal(code, 130);
  assert.deepEqual(eventsOf(stdout).at(-1), { type: "turn.failed", error: { message: "Interrupted." } });
  assert.deepEqual(await awaitGone([godwit.pid], 3000), []);
  assert.deepEqual(pairingFaults(entriesOf(home)), []);
  assert.match(answerIn(home), /"interrupted/);
  const ending = entriesOf(home).at(-1);
  assert.ok(ending?.kind === "turn" && ending.outcome === "interrupted");
  const resumed = await resume();
  assert.equal(resumed.code, 0);
  assert.equal(resumed.stderr, "");
});

test("Ctrl-C while the model is silent ends the turn at once", async (t) => {
  const { start, model, home } = await stage(t, [hang()]);
  const godwit = start();
  await model.arrived(1);
  process.kill(godwit.pid, "SIGINT");
  assert.equal((await godwit.ended).code, 130);
  const ending = entriesOf(home).at(-1);
  assert.ok(ending?.kind === "turn" && ending.outcome === "interrupted");
});

test("Ctrl-C twice with --ephemeral: long outputs go with the process", async (t) => {
  const { options, root, project } = await stage(t, [
    call("exec_command", { cmd: "trap '' INT TERM HUP; seq 1 500000; touch there; while :; do sleep 0.05; done" }),
  ]);
  const temporary = join(root, "tmp");
  mkdirSync(temporary);
  const env = { ...options.env, TMPDIR: temporary };
  const godwit = startGodwit(["exec", "--ephemeral", "--json", ...OPEN, "Count."], { ...options, env });
  await until(
    () => existsSync(join(project, "there")) && readdirSync(temporary).length > 0,
    "the output goes to a file",
  );
  process.kill(godwit.pid, "SIGINT");
  process.kill(godwit.pid, "SIGHUP"); // another signal: two of a kind may arrive as one
  assert.equal((await godwit.ended).code, 130);
  assert.deepEqual(await awaitGone([godwit.pid], 3000), []);
  assert.deepEqual(readdirSync(temporary), []);
});

test("Ctrl-C twice: a command that ignores INT and TERM dies at once, and the thread can be resumed", async (t) => {
  const { start, resume, home, project } = await stage(t, [
    call("exec_command", { cmd: "trap '' INT HUP; trap 'touch termed' TERM; while :; do sleep 0.05; done" }),
    say("Went on."),
  ]);
  const godwit = start();
  await awaitText(godwit, "item.started");
  process.kill(godwit.pid, "SIGINT");
  await until(() => existsSync(join(project, "termed")), "TERM comes to the command");
  process.kill(godwit.pid, "SIGINT");
  assert.equal((await godwit.ended).code, 130);
  assert.deepEqual(await awaitGone([godwit.pid], 3000), []);
  assert.equal((await resume()).code, 0);
  assert.deepEqual(pairingFaults(entriesOf(home)), []);
});

test("a command that ignores INT and TERM dies after one Ctrl-C as well", async (t) => {
  const { start, home } = await stage(t, [
    call("exec_command", { cmd: "trap '' INT TERM; while :; do sleep 0.05; done" }),
  ]);
  const godwit = start();
  await awaitText(godwit, "item.started");
  process.kill(godwit.pid, "SIGINT");
  assert.equal((await godwit.ended).code, 130);
  assert.deepEqual(startedBy(godwit.pid), []);
  assert.deepEqual(pairingFaults(entriesOf(home)), []);
});

test("a reader that goes away ends the turn: no error text, and the log is whole", async (t) => {
  const { options, home, model } = await stage(t, [
    call("exec_command", { cmd: "sleep 0.3; seq 1 9" }),
    say("Too late."),
  ]);
  const command = `"${BINARY}" exec --json ${OPEN.join(" ")} Work. | head -n 1; echo "\${PIPESTATUS[0]}"`;
  const child = spawn("/bin/bash", ["-c", command], {
    cwd: options.cwd,
    env: { GODWIT_NODE: process.execPath, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  child.stdout.on("data", (text) => {
    said += text;
  });
  child.stderr.on("data", (text) => {
    said += text;
  });
  await new Promise((resolve) => child.once("close", resolve));
  assert.match(said, /^\{"type":"thread.started".*\n130\n$/);
  assert.deepEqual(pairingFaults(entriesOf(home)), []);
  assert.ok(model.requests.length <= 2);
});
