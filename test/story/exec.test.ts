/** `godwit exec` and `resume` as programs and people start them: the real binary against a model on loopback. */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { ThreadEvent } from "../../src/exec/thread-event.ts";
import { entriesOf, eventsOf, OPEN, runGodwit, sessionsOf, writeConfig } from "../support/godwit-process.ts";
import { pairingFaults } from "../support/log-checks.ts";
import { call, calls, type Script, say, startScriptedModel } from "../support/scripted-model.ts";
import { tempHome } from "../support/temp-home.ts";

/** A home with a config for a scripted model, and how to run in it. */
async function stage(t: TestContext, script: Script, more = "") {
  const model = await startScriptedModel(script);
  t.after(() => model.close());
  const place = tempHome(t);
  writeConfig(place.home, model.url, more);
  const temporary = join(place.root, "tmp");
  mkdirSync(temporary);
  const options = { cwd: place.project, env: { ...place.env, TMPDIR: temporary } };
  const exec = (...args: string[]) => runGodwit(["exec", ...OPEN, ...args], options);
  return { ...place, temporary, model, options, exec };
}

const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const types = (stdout: string): string[] => eventsOf(stdout).map(({ type }) => type);
const last = (stdout: string): ThreadEvent | undefined => eventsOf(stdout).at(-1);
const lastUser = (input: readonly Record<string, unknown>[]): string =>
  JSON.stringify(input.findLast((item) => item.role === "user")?.content);

test("the prompt comes as argument, from stdin, or both; the answer stands on stdout", async (t) => {
  const { model, options, exec } = await stage(t, () => say("Fine."));
  const given = await exec("As argument.");
  assert.equal(given.code, 0);
  assert.equal(given.stdout, "Fine.\n");
  const args = ["exec", ...OPEN];
  assert.equal((await runGodwit(args, { ...options, stdin: "From stdin.\n" })).code, 0);
  assert.equal((await runGodwit([...args, "-"], { ...options, stdin: "By a dash." })).code, 0);
  assert.equal((await runGodwit([...args, "Explain:"], { ...options, stdin: "a file\n" })).code, 0);
  const said = model.requests.map(({ body }) => lastUser(body.input));
  assert.match(said[0] as string, /"As argument\."/);
  assert.match(said[1] as string, /"From stdin\.\\n"/);
  assert.match(said[2] as string, /"By a dash\."/);
  assert.match(said[3] as string, /"Explain:\\n\\n<stdin>\\na file\\n<\/stdin>"/);
});

test("--json tells thread, turn, items and usage, one object a line, and nothing else on stdout", async (t) => {
  const { exec, home } = await stage(t, [
    calls([say("I look."), call("exec_command", { cmd: "echo one; exit 3" })]),
    say("Seen."),
  ]);
  const { code, stdout, stderr } = await exec("--json", "Look.");
  assert.equal(code, 0);
  assert.equal(stderr, "");
  assert.deepEqual(types(stdout), [
    "thread.started",
    "turn.started",
    "item.completed",
    "item.started",
    "item.completed",
    "item.completed",
    "turn.completed",
  ]);
  const [started, , words, begun, ran, final, end] = eventsOf(stdout);
  assert.deepEqual(started, { type: "thread.started", thread_id: sessionsOf(home)[0]?.id });
  assert.deepEqual(words, { type: "item.completed", item: { id: "item_0", type: "agent_message", text: "I look." } });
  const item = {
    id: "item_1",
    type: "command_execution",
    command: "echo one; exit 3",
    aggregated_output: "",
    exit_code: null,
    status: "in_progress",
  };
  assert.deepEqual(begun, { type: "item.started", item });
  const ended = { ...item, aggregated_output: "one\n", exit_code: 3, status: "failed" };
  assert.deepEqual(ran, { type: "item.completed", item: ended });
  assert.deepEqual(final, { type: "item.completed", item: { id: "item_2", type: "agent_message", text: "Seen." } });
  assert.ok(end?.type === "turn.completed" && end.tool_calls === 1 && end.usage.input_tokens > 0);
});

test("-o writes the last message, --output-schema reaches the model, and both leave the log whole", async (t) => {
  const { exec, model, home, root, write } = await stage(t, () => say('{"colour":"blue"}'));
  const schema = { type: "object", properties: { colour: { type: "string" } }, required: ["colour"] };
  const file = write("schema.json", JSON.stringify(schema));
  const out = join(root, "answer.json");
  const { code } = await exec("-o", out, "--output-schema", file, "Which?");
  assert.equal(code, 0);
  assert.equal(readFileSync(out, "utf8"), '{"colour":"blue"}');
  const { text } = (await model.arrived(1)).body as unknown as { text: { format: Record<string, unknown> } };
  assert.equal(text.format.type, "json_schema");
  assert.deepEqual(Object.keys((text.format.schema as typeof schema).properties), ["colour"]);
  assert.deepEqual(pairingFaults(entriesOf(home)), []);
});

test("--ephemeral leaves nothing behind, long outputs included", async (t) => {
  const { exec, model, home, userHome, project, temporary } = await stage(t, [
    call("exec_command", { cmd: "seq 1 500000", max_output_tokens: 100 }),
    say("Long."),
  ]);
  const { code, stdout } = await exec("--ephemeral", "--json", "Count.");
  assert.equal(code, 0);
  assert.ok(types(stdout).includes("turn.completed"));
  assert.deepEqual(readdirSync(home), ["config.toml"]);
  assert.deepEqual(readdirSync(userHome), [".godwit"]);
  assert.deepEqual(readdirSync(project), []);
  assert.match(JSON.stringify(model.requests[1]?.body.input), new RegExp(join(temporary, "godwit-")));
  assert.deepEqual(readdirSync(temporary), []);
});

test("resume goes on by id, by its beginning or with --last: same thread, its past, usage counted on", async (t) => {
  const { exec, options, model, home } = await stage(t, () => say("Well."));
  const first = await exec("--json", "First.");
  const id = sessionsOf(home)[0]?.id as string;
  const resume = (...which: string[]) => runGodwit(["resume", ...which, "--json", ...OPEN], options);
  let used = usageOf(first.stdout);
  for (const [n, which] of [
    [id, "Second."],
    [id.slice(0, 13), "Third."],
    ["--last", "Fourth."],
  ].entries()) {
    const { code, stdout, stderr } = await resume(...which);
    assert.equal(code, 0, stderr);
    assert.deepEqual(eventsOf(stdout)[0], { type: "thread.started", thread_id: id });
    const { input } = model.requests[n + 1]?.body ?? { input: [] };
    assert.equal(input.filter(({ role }) => role === "assistant").length, n + 1);
    const now = usageOf(stdout);
    assert.ok(now > used, `usage went from ${used} to ${now}`);
    used = now;
  }
  assert.equal(sessionsOf(home).length, 1);
  const none = await resume("0123", "Hello?");
  assert.equal(none.code, 1);
  assert.match(none.stderr, /^godwit: There is no thread "0123" in .*\.\n$/);
});

test("--last means this folder's thread, with --all any", async (t) => {
  const { exec, options, root } = await stage(t, () => say("Well."));
  await exec("Here.");
  const elsewhere = join(root, "elsewhere");
  mkdirSync(elsewhere);
  const there = { ...options, cwd: elsewhere };
  const alone = await runGodwit(["resume", "--last", ...OPEN, "Go on."], there);
  assert.equal(alone.code, 1);
  assert.match(alone.stderr, /^godwit: There is no earlier thread that began in .*elsewhere to resume\.\n$/);
  assert.equal((await runGodwit(["resume", "--last", "--all", ...OPEN, "Go on."], there)).code, 0);
});

test("-C works in another folder, and -i shows images from the folder it was started in", async (t) => {
  const { exec, model, root, project } = await stage(t, [
    call("exec_command", { cmd: "pwd" }),
    say("There."),
    say("A pixel."),
  ]);
  const other = join(root, "other");
  mkdirSync(other);
  writeFileSync(join(project, "dot.png"), Buffer.from(PIXEL, "base64"));
  assert.equal((await exec("-C", other, "Where?")).code, 0);
  assert.match(JSON.stringify(model.requests[1]?.body.input), new RegExp(`${realpathSync(other)}\\\\n`));
  assert.equal((await exec("-C", other, "-m", "gpt-5.5", "-i", "dot.png", "What is it?")).code, 0);
  assert.match(JSON.stringify(model.requests[2]?.body.input), /"input_image".*data:image\/png;base64,iVBOR/);
});

test("--max-turns stops at a settled point, and the thread goes on from there", async (t) => {
  const { exec, options, home } = await stage(t, [call("exec_command", { cmd: "true" }), say("Now done.")]);
  const stopped = await exec("--json", "--max-turns", "1", "Work.");
  assert.equal(stopped.code, 0);
  const end = last(stopped.stdout);
  assert.ok(end?.type === "turn.completed" && end.stopped?.limit === "turns");
  const resumed = await runGodwit(["resume", "--last", ...OPEN, "Go on."], options);
  assert.equal(resumed.stdout, "Now done.\n");
  assert.deepEqual(pairingFaults(entriesOf(home)), []);
});

function usageOf(stdout: string): number {
  const end = last(stdout);
  return end?.type === "turn.completed" ? end.usage.input_tokens : 0;
}
