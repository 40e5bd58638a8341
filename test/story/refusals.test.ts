/** Bad input: each ends in one clear sentence, the right exit code and an intact log. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { appendFileSync, chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import {
  BINARY,
  type Ended,
  entriesOf,
  eventsOf,
  OPEN,
  runGodwit,
  sessionsOf,
  writeConfig,
} from "../support/godwit-process.ts";
import { pairingFaults } from "../support/log-checks.ts";
import {
  call,
  cutAfter,
  fail,
  failed,
  garbage,
  type Reply,
  type Script,
  say,
  startScriptedModel,
} from "../support/scripted-model.ts";
import { tempHome } from "../support/temp-home.ts";

/** Lines for the end of the config: ask once. */
const ONCE = "request_max_retries = 0\nstream_max_retries = 0\n";

async function stage(t: TestContext, script: Script = () => say("Done."), more = "") {
  const model = await startScriptedModel(script);
  t.after(() => model.close());
  const place = tempHome(t);
  writeConfig(place.home, model.url, more);
  appendFileSync(join(place.home, "config.toml"), ONCE);
  const options = { cwd: place.project, env: place.env };
  const exec = (...args: string[]) => runGodwit(["exec", ...args], options);
  return { ...place, model, options, exec };
}

/** Stderr is one sentence of ours, and stdout is empty. */
function assertSentence({ code, stdout, stderr }: Ended, expected: number, words: RegExp): void {
  assert.match(stderr, /^godwit: [^\n]+\n$/);
  assert.match(stderr, words);
  assert.deepEqual([code, stdout], [expected, ""]);
}

/** The JSON ends in `turn.failed`, stderr is empty, and the log is whole and says so too. */
function assertFailed({ code, stdout, stderr }: Ended, home: string, words: RegExp): void {
  const end = eventsOf(stdout).at(-1);
  assert.ok(end?.type === "turn.failed", stdout);
  assert.match(end.error.message, words);
  assert.ok(!end.error.message.includes("\n"));
  assert.deepEqual([code, stderr], [1, ""]);
  const entries = entriesOf(home);
  assert.deepEqual(pairingFaults(entries), []);
  const ending = entries.at(-1);
  assert.ok(ending?.kind === "turn" && ending.outcome === "failed" && ending.reason === end.error.message);
}

test("without a model, a prompt or a sandbox nothing is asked, and the exit code is 2", async (t) => {
  const { exec, model, home, options } = await stage(t);
  assertSentence(await exec("--skip-git-repo-check", "Do it."), 2, /has no sandbox yet: .* Nothing was sent\./);
  assertSentence(await exec(...OPEN), 2, /There is no prompt: /);
  assertSentence(await runGodwit(["exec", ...OPEN], { ...options, stdin: " \n" }), 2, /There is no prompt: /);
  assertSentence(await exec(...OPEN, "-C", "/no/such/folder", "Do it."), 2, /There is no folder \/no\/such\/folder\./);
  const here = join(home, "config.toml");
  assertSentence(await exec(...OPEN, "-C", here, "Do it."), 2, /config\.toml is not a folder\./);
  assertSentence(
    await exec(...OPEN, "-o", "/no/such/file", "Do it."),
    2,
    /last message .* there is no folder \/no\/such\./,
  );
  assertSentence(await exec(...OPEN, "-o", home, "Do it."), 2, /Cannot write the last message to .*: it is a folder\./);
  assertSentence(await exec(...OPEN, "-o", join(here, "x"), "Do it."), 2, /there is no folder .*config\.toml\./);
  assertSentence(await exec(...OPEN, "-o", "x".repeat(300), "Do it."), 2, /Cannot write the last message .*: .*LONG/);
  assertSentence(await exec(...OPEN, "--add-dir", "/no/such", "Do it."), 2, /There is no folder \/no\/such for --add-/);
  assertSentence(await exec(...OPEN, "--add-dir", here, "Do it."), 2, /config\.toml for --add-dir is not a folder\./);
  assertSentence(await exec(...OPEN, "--modle", "x", "Do it."), 2, /no flag --modle\. Did you mean --model\?/);
  assertSentence(await exec(...OPEN, "--output-schema", "none.json", "Do it."), 2, /Cannot read the output schema/);
  assertSentence(await exec(...OPEN, "-i", "none.png", "Do it."), 2, /none\.png/);
  assertSentence(await exec("--sandbox", "danger-full-access", "Do it."), 1, /is not in a git repository/);
  rmSync(join(home, "config.toml"));
  assertSentence(await exec(...OPEN, "Do it."), 2, /No model is configured: set /);
  assert.equal(model.requests.length, 0);
  assert.deepEqual(sessionsOf(home), []);
});

test("where this user may not write, the last message is refused before the work", async (t) => {
  if (process.getuid?.() === 0) return t.skip("root may write everywhere");
  const { exec, model, root } = await stage(t);
  chmodSync(root, 0o500);
  t.after(() => chmodSync(root, 0o700));
  assertSentence(await exec(...OPEN, "-o", join(root, "x"), "Do it."), 2, /Cannot write the last message .*: EACCES/);
  assert.equal(model.requests.length, 0);
});

test("what this version has no use for is taken, with one sentence each", async (t) => {
  const compaction =
    'compact_prompt = "Fold well."\n[compaction]\nrungs = ["digest"]\nreasoning_between_turns = "keep"';
  const { exec, root } = await stage(t, () => say("Done."), compaction);
  const { code, stdout, stderr } = await exec(...OPEN, "--json", "--yolo", "--add-dir", root, "--add-dir=.", "Do it.");
  assert.deepEqual([code, eventsOf(stdout).at(-1)?.type], [0, "turn.completed"]);
  const told = stderr.trimEnd().split("\n");
  assert.deepEqual(
    told.map((line) => /^godwit: "?([\w.-]+).* has no effect: /.exec(line)?.[1]),
    ["compaction.rungs", "compact_prompt", "compaction.reasoning_between_turns", "--add-dir", "--yolo"],
    stderr,
  );
});

test("a last message that cannot be written is said after the turn, with exit code 1", async (t) => {
  const { exec, home } = await stage(t);
  const { code, stdout, stderr } = await exec("--json", ...OPEN, "-o", "/dev/full", "Do it.");
  assert.deepEqual([code, eventsOf(stdout).at(-1)?.type], [1, "turn.completed"]);
  assert.match(stderr, /^godwit: the turn has ended, but its last message cannot be written: [^\n]+\n$/);
  assert.deepEqual(pairingFaults(entriesOf(home)), []);
});

test("a folder that is gone is said", async (t) => {
  const { root, env } = tempHome(t);
  const gone = join(root, "gone");
  mkdirSync(gone);
  const script = `cd '${gone}' && rmdir '${gone}' && exec '${BINARY}' exec ${OPEN.join(" ")} Hello`;
  const { status, stderr } = spawnSync("/bin/bash", ["-c", script], {
    env: { ...env, GODWIT_NODE: process.execPath },
    encoding: "utf8",
  });
  assert.equal(status, 2);
  assert.match(stderr, /^godwit: The folder this was started in is gone: .*\.$/m);
  assert.doesNotMatch(stderr, /\n {4}at /);
});

test("a typo in the config is a warning with the nearest key, and with --strict-config a refusal", async (t) => {
  const { exec, model } = await stage(t, () => say("Done."), 'modle = "x"');
  const warned = await exec("--json", ...OPEN, "Do it.");
  assert.equal(warned.code, 0);
  assert.match(warned.stderr, /^godwit: Unknown key "modle" in .*config\.toml, did you mean "model"\?\n$/);
  assertSentence(await exec("--strict-config", ...OPEN, "Do it."), 2, /Unknown key "modle"/);
  assert.equal(model.requests.length, 1);
});

test("a config that is no TOML, or holds a value of the wrong kind, is refused with its place", async (t) => {
  const { exec, home, model } = await stage(t);
  writeFileSync(join(home, "config.toml"), 'model = "x"\nmodel_provider = [\n');
  assertSentence(await exec(...OPEN, "Do it."), 2, /config\.toml/);
  writeFileSync(join(home, "config.toml"), "model = 3\n");
  assertSentence(await exec(...OPEN, "Do it."), 2, /config\.toml/);
  assert.equal(model.requests.length, 0);
});

const refusals: readonly [name: string, reply: Reply, words: RegExp][] = [
  ["401", fail(401, { error: { message: "Bad key.", code: "invalid_api_key" } }), /\(401\).*Bad key\./],
  ["429", fail(429, { error: { message: "Slow down.", code: "rate_limit_exceeded" } }), /\(429\).*Slow down\./],
  ["500", fail(500, { error: { message: "Oops." } }), /\(500\).*Oops\./],
  ["a page instead of an API", fail(200, "<html>Welcome</html>", { "content-type": "text/html" }), /no Responses API/],
  ["events that are no JSON", garbage("event: x\ndata: {not json\n\n"), /broke off.*cannot be read/],
  ["a stream that just ends", cutAfter(3, say("Hello there.")), /broke off/],
  ["a torn connection", cutAfter(3, say("Hello there."), "reset"), /broke off/],
  ["response.failed", failed("server_error", "Something broke."), /Something broke\./],
];

for (const [name, reply, words] of refusals) {
  test(`${name} ends the turn with one sentence, and the thread can be resumed`, async (t) => {
    const { exec, home, options } = await stage(t, (_, n) => (n === 1 ? reply : say("Better now.")));
    assertFailed(await exec("--json", ...OPEN, "Do it."), home, words);
    const resumed = await runGodwit(["resume", "--last", ...OPEN, "Try again."], options);
    assert.deepEqual([resumed.code, resumed.stdout], [0, "Better now.\n"]);
  });
}

test("a failed turn is one line of the text mode too", async (t) => {
  const { exec } = await stage(t, [fail(401, { error: { message: "Bad key." } })]);
  const { code, stdout, stderr } = await exec(...OPEN, "Do it.");
  assert.deepEqual([code, stdout], [1, ""]);
  assert.equal(stderr.match(/^error: .*$/gm)?.length, 1);
  assert.doesNotMatch(stderr, /\n {4}at /);
});

test("a server that refuses the connection is named", async (t) => {
  const { exec, model, home } = await stage(t);
  await model.close();
  assertFailed(await exec("--json", ...OPEN, "Do it."), home, /Cannot reach Test at http:\/\/127\.0\.0\.1:\d+/);
});

test("a home that is a file is refused", async (t) => {
  const { options, write } = await stage(t);
  const env = { ...options.env, GODWIT_HOME: write("file", "mine") };
  const ended = await runGodwit(["exec", ...OPEN, "Do it."], { ...options, env });
  assertSentence(ended, 2, /Cannot use ".*file" as home: it is a file, not a folder/);
  assert.equal(readFileSync(env.GODWIT_HOME, "utf8"), "mine");
});

/** Is a mount: taken away before the test's folders are. */
interface Mount extends Disposable {
  readonly isThere: boolean;
}

/** Mount something on a folder; only root can. */
function mountOn(folder: string, ...steps: (readonly string[])[]): Mount {
  const isThere = steps.every((words) => spawnSync("mount", [...words, folder]).status === 0);
  return { isThere, [Symbol.dispose]: () => void spawnSync("umount", ["-l", folder], { stdio: "ignore" }) };
}

test("a home that cannot be written ends before a request, and --ephemeral works in it", async (t) => {
  const { options, home, model } = await stage(t);
  using mounted = mountOn(home, ["--bind", home], ["-o", "remount,ro,bind"]);
  if (!mounted.isThere) return t.skip("a folder can only be made read-only to root by root");
  const ended = await runGodwit(["exec", ...OPEN, "Do it."], options);
  assertSentence(ended, 1, /the disk is read-only; .*use --ephemeral/);
  assert.equal(model.requests.length, 0);
  const without = await runGodwit(["exec", "--ephemeral", ...OPEN, "Do it."], options);
  assert.deepEqual([without.code, without.stdout], [0, "Done.\n"]);
});

test("a full disk fails the turn with one sentence; with room again the thread goes on", async (t) => {
  let ballast = "";
  const { options, home, model } = await stage(t, (_, n) =>
    n === 1 ? call("exec_command", { cmd: `head -c 200000 /dev/zero > '${ballast}'; seq 1 2000` }) : say("Room again."),
  );
  ballast = join(home, "ballast");
  const config = readFileSync(join(home, "config.toml"));
  using mounted = mountOn(home, ["-t", "tmpfs", "-o", "size=128k", "tmpfs"]);
  if (!mounted.isThere) return t.skip("a small disk can only be mounted by root");
  writeFileSync(join(home, "config.toml"), config);
  const { code, stdout, stderr } = await runGodwit(["exec", "--json", ...OPEN, "Fill it."], options);
  const end = eventsOf(stdout).at(-1);
  assert.ok(end?.type === "turn.failed", stdout);
  assert.match(end.error.message, /^Cannot write to log ".*": the disk is full; free some room and resume the thread/);
  assert.deepEqual([code, stderr], [1, ""]);
  rmSync(ballast);
  const resumed = await runGodwit(["resume", "--last", ...OPEN, "Go on."], options);
  assert.deepEqual([resumed.code, resumed.stdout], [0, "Room again.\n"]);
  assert.deepEqual(pairingFaults(entriesOf(home)), []);
  assert.equal(model.requests.length, 2);
});

test("a log from a newer version, or one that is damaged, is refused and left as it is", async (t) => {
  const { exec, home, options, model } = await stage(t);
  assert.equal((await exec(...OPEN, "Begin.")).code, 0);
  const { path, id } = sessionsOf(home)[0] ?? { path: "", id: "" };
  const text = readFileSync(path, "utf8");
  const refusal = async (changed: string, words: RegExp) => {
    writeFileSync(path, changed);
    assertSentence(await runGodwit(["resume", id, ...OPEN, "Go on."], options), 1, words);
    assert.equal(readFileSync(path, "utf8"), changed);
  };
  await refusal(text.replace('"format":1', '"format":99'), /a newer version wrote it \(format 99/);
  const lines = text.split("\n");
  await refusal(lines.with(3, "{torn").join("\n"), /line 4, where #4 must stand, is not an entry/);
  await refusal(lines.toSpliced(3, 1).join("\n"), /line 4, where #4 must stand, holds #5/);
  assert.equal(model.requests.length, 1);
});

test("a log that another process writes to is refused", async (t) => {
  const { exec, home, options } = await stage(t);
  assert.equal((await exec(...OPEN, "Begin.")).code, 0);
  const { path, id } = sessionsOf(home)[0] ?? { path: "", id: "" };
  // Our own mark: a process that lives.
  const stat = readFileSync("/proc/self/stat", "latin1");
  const started = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
  writeFileSync(`${path}.lock`, JSON.stringify({ pid: process.pid, started, boot }));
  const ended = await runGodwit(["resume", id, ...OPEN, "Go on."], options);
  assertSentence(ended, 1, new RegExp(`process ${process.pid} is writing to it`));
});
