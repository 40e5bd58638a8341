import assert from "node:assert/strict";
import { test } from "node:test";
import { openSession } from "../../src/engine/session.ts";
import { runTurn } from "../../src/engine/turn.ts";
import { view } from "../../src/thread/view.ts";
import { contentText, type Item, isCall, isOutput } from "../../src/wire/item.ts";
import { calls, drain, fakeTool, memoryLog, ports, says, setup, thinks } from "../support/engine.ts";

const never = new AbortController().signal;

/** Every call has exactly one output, and it stands behind the call. */
function assertPaired(items: readonly Item[]): void {
  const asked = items.filter(isCall).map(({ call_id }) => call_id);
  const answered = items.filter(isOutput).map(({ call_id }) => call_id);
  assert.deepEqual(answered.toSorted(), asked.toSorted());
}

test("a turn runs tools until the model asks for no more, and records before it tells", async () => {
  const port = ports([[thinks("x"), calls("look", { at: 1 }, "a")], [says("Done.")]]);
  const session = await openSession(port, setup());
  const { events, result } = await drain(runTurn(session, "do it", never));
  assert.deepEqual(result, { kind: "done", text: "Done." });
  const kinds = port.log.entries.map((entry) => (entry.kind === "item" ? entry.item.type : entry.kind));
  assert.deepEqual(kinds, [
    "open",
    "epoch",
    "settings",
    "turn",
    "message",
    "reasoning",
    "function_call",
    "usage",
    "effect",
    "function_call_output",
    "message",
    "usage",
    "turn",
  ]);
  assert.deepEqual(
    port.log.entries.map(({ seq }) => seq),
    kinds.map((_, index) => index + 1),
  );
  const told = events.flatMap((event) => (event.kind === "recorded" ? event.entries : []));
  assert.deepEqual(
    told.map(({ seq }) => seq),
    port.log.entries.slice(3).map(({ seq }) => seq),
  );
});

test("a call is told as finished only when its output is in the log", async () => {
  const port = ports([[calls("look", 1, "a"), calls("look", 2, "b")], [says("ok")]]);
  const session = await openSession(port, setup());
  for await (const event of runTurn(session, "go", never)) {
    if (event.kind !== "call-finished") continue;
    const ids = port.log.entries.flatMap((entry) =>
      entry.kind === "item" && isOutput(entry.item) ? [entry.item.call_id] : [],
    );
    assert.ok(ids.includes(event.call.call_id));
  }
});

test("each prompt is a prefix of the next, and reasoning that was sent stays", async () => {
  const port = ports([
    [thinks("secret"), calls("look", { at: 1 }, "a")],
    [calls("look", { at: 2 }, "b")],
    [says("Done.")],
    [says("Again.")],
  ]);
  const session = await openSession(port, setup());
  await drain(runTurn(session, "do it", never));
  await drain(runTurn(session, "and more", never));
  const prompts = port.model.seen.map(({ prompt }) => prompt);
  assert.equal(prompts.length, 4);
  for (const [index, prompt] of prompts.slice(1).entries()) assert.ok(prompt.startsWith(prompts[index] as string));
  assert.ok(prompts.at(-1)?.includes("secret"));
});

test("parallel calls run side by side and are answered in the model's order", async () => {
  const running: string[] = [];
  const gate = Promise.withResolvers<void>();
  const slow = fakeTool("look", async (input) => {
    running.push(input);
    if (running.length === 2) gate.resolve();
    await gate.promise;
    return input;
  });
  const port = ports([[calls("look", 1, "a"), calls("look", 2, "b")], [says("ok")]], { tools: [slow] });
  const session = await openSession(port, setup());
  await drain(runTurn(session, "go", never));
  const outputs = port.log.entries.flatMap((entry) =>
    entry.kind === "item" && isOutput(entry.item) ? [entry.item.call_id] : [],
  );
  assert.deepEqual(outputs, ["a", "b"]);
});

test("a tool that does not run beside others waits for them", async () => {
  const order: string[] = [];
  const tools = [
    fakeTool("look", async (input) => {
      order.push(`look ${input}`);
      return input;
    }),
    fakeTool(
      "write",
      async (input) => {
        order.push(`write ${input}`);
        return input;
      },
      false,
    ),
  ];
  const port = ports([[calls("write", 1, "a"), calls("look", 2, "b"), calls("write", 3, "c")], [says("ok")]], {
    tools,
  });
  const session = await openSession(port, setup());
  await drain(runTurn(session, "go", never));
  assert.deepEqual(order, ["write 1", "look 2", "write 3"]);
  const kinds = port.log.entries.flatMap((entry) =>
    entry.kind === "effect"
      ? [`effect ${entry.call}`]
      : entry.kind === "item" && isOutput(entry.item)
        ? [`output ${entry.item.call_id}`]
        : [],
  );
  assert.deepEqual(kinds, ["effect a", "output a", "effect b", "output b", "effect c", "output c"]);
});

test("interrupted during a call: every call has one output and the thread goes on", async () => {
  const stop = new AbortController();
  const tools = [
    fakeTool(
      "look",
      async (_input, signal) => {
        stop.abort();
        return signal.aborted ? "interrupted" : "not";
      },
      false,
    ),
  ];
  const port = ports([[calls("look", 1, "a"), calls("look", 2, "b")], [says("later")]], { tools });
  const session = await openSession(port, setup());
  const { result } = await drain(runTurn(session, "go", stop.signal));
  assert.equal(result.kind, "interrupted");
  assertPaired(view(port.log.entries, setup().target));
  const next = await drain(runTurn(session, "again", never));
  assert.deepEqual(next.result, { kind: "done", text: "later" });
});

test("interrupted during the stream: items that came are kept, the begun answer is incomplete", async () => {
  const stop = new AbortController();
  const port = ports([
    () => [
      calls("look", 1, "a"),
      { kind: "text", delta: "I was ab" },
      { kind: "failed", error: { kind: "aborted", message: "" } },
    ],
    [says("later")],
  ]);
  const session = await openSession(port, setup());
  const { result } = await drain(runTurn(session, "go", stop.signal));
  assert.equal(result.kind, "interrupted");
  const items = view(port.log.entries, setup().target);
  assertPaired(items);
  const begun = items.find((item) => item.type === "message" && item.role === "assistant");
  assert.deepEqual(begun, {
    type: "message",
    role: "assistant",
    content: [{ type: "output_text", text: "I was ab" }],
    status: "incomplete",
  });
});

test("a process that died between call and output is answered on resume and not run again", async () => {
  let runs = 0;
  const tools = [
    fakeTool("look", () => {
      runs++;
      return "x";
    }),
  ];
  const first = ports([[calls("look", 1, "a"), calls("look", 2, "b")], [says("ok")]], { tools });
  await drain(runTurn(await openSession(first, setup()), "go", never));
  const cut = first.log.entries.findIndex((entry) => entry.kind === "effect") + 1;
  const log = memoryLog(first.log.entries.slice(0, cut));
  runs = 0;
  const port = ports([[says("fine")]], { log, tools });
  const session = await openSession(port, setup());
  assert.equal(session.isResumed, true);
  assertPaired(view(log.entries, setup().target));
  const outputs = log.entries.flatMap((entry) =>
    entry.kind === "item" && isOutput(entry.item) ? [contentText(entry.item.output)] : [],
  );
  assert.match(outputs[0] as string, /outcome is unknown/);
  assert.match(outputs[1] as string, /not run/);
  assert.equal(runs, 0);
  assert.equal((await drain(runTurn(session, "go on", never))).result.kind, "done");
});

test("steering text typed during a turn stands behind the outputs, never between a call and its output", async () => {
  const typed = [["look at b too"], []];
  const port = ports([[calls("look", 1, "a")], [says("ok")]], { inbox: { take: () => typed.shift() ?? [] } });
  await drain(runTurn(await openSession(port, setup()), "go", never));
  const last = port.model.seen.at(-1)?.input.slice(-2) ?? [];
  assert.deepEqual(
    last.map(({ type }) => type),
    ["function_call_output", "message"],
  );
});

test("an answer with neither text nor call is asked for once more, then fails in a sentence", async () => {
  const port = ports([[thinks("hm")], [thinks("hm")]]);
  const { result } = await drain(runTurn(await openSession(port, setup()), "go", never));
  assert.equal(result.kind, "failed");
  assert.equal(port.model.seen.length, 2);
});

test("unknown tools and placeholders of secrets are answered, not run", async () => {
  const port = ports([[calls("nope", {}, "a"), calls("look", { cmd: "echo [secret:API_KEY]" }, "b")], [says("ok")]]);
  await drain(runTurn(await openSession(port, setup()), "go", never));
  const outputs = port.log.entries.flatMap((entry) =>
    entry.kind === "item" && isOutput(entry.item) ? [contentText(entry.item.output)] : [],
  );
  assert.match(outputs[0] as string, /There is no tool "nope"\. The tools are: look\./);
  assert.match(outputs[1] as string, /\[secret:API_KEY\]/);
});

test("a log that cannot be written ends the turn with its own sentence", async () => {
  const log = memoryLog();
  let writes = 0;
  const full = {
    ...log,
    append: (...args: Parameters<typeof log.append>) => {
      if (++writes > 2) throw new Error("Cannot write log: the disk is full");
      log.append(...args);
    },
  };
  const port = ports([[calls("look", 1, "a")], [says("ok")]], { log: full });
  const { result } = await drain(runTurn(await openSession(port, setup()), "go", never));
  assert.deepEqual(result, { kind: "failed", message: "Cannot write log: the disk is full" });
});

test("a changed mode appends a developer item and a changed folder a user item; nothing earlier changes", async () => {
  const port = ports([[says("ok")], [says("ok")]]);
  await drain(runTurn(await openSession(port, setup()), "go", never));
  const later = setup({
    cwd: "/elsewhere",
    policy: "read-only/never",
    fragments: [
      { name: "permissions", role: "developer", text: "permissions: read only" },
      { name: "environment", role: "user", text: "<environment_context>elsewhere</environment_context>" },
    ],
  });
  const again = ports([[says("ok")]], { log: port.log });
  await drain(runTurn(await openSession(again, later), "go on", never));
  const prompt = again.model.seen[0]?.prompt as string;
  assert.ok(prompt.startsWith(port.model.seen[0]?.prompt as string));
  const roles = again.model.seen[0]?.input
    .slice(-3)
    .map((item) => (item.type === "message" ? `${item.role} ${contentText(item.content)}` : item.type));
  assert.deepEqual(roles, [
    "developer permissions: read only",
    "user <environment_context>elsewhere</environment_context>",
    "user go on",
  ]);
});

test("after another family the new head holds, and older words behind it are said again", async () => {
  const env = (text: string) => [{ name: "environment", role: "user", text: `<cwd>${text}</cwd>` } as const];
  const first = ports([[says("ok")]]);
  await drain(runTurn(await openSession(first, setup({ fragments: env("/one") })), "a", never));
  const second = ports([[says("ok")]], { log: first.log });
  await drain(runTurn(await openSession(second, setup({ fragments: env("/two") })), "b", never));
  const third = ports([[says("ok")]], { log: first.log });
  const other = setup({ fragments: env("/one"), target: { ...setup().target, family: "other" } });
  await drain(runTurn(await openSession(third, other), "c", never));
  const said = third.model.seen[0]?.prompt.match(/<cwd>[^<]*/g);
  assert.deepEqual(said, ["<cwd>/one", "<cwd>/two", "<cwd>/one"]);
});

test("a model that takes a tool in another form, or sees no images, gets a head of its own", async () => {
  const first = ports([[says("ok")]]);
  await drain(runTurn(await openSession(first, setup()), "a", never));
  const custom = {
    ...fakeTool("look", () => ""),
    spec: {
      type: "custom",
      name: "look",
      description: "",
      format: { type: "grammar", syntax: "lark", definition: "x" },
    },
  } as const;
  const second = ports([[says("ok")]], { log: first.log, tools: [custom] });
  await drain(runTurn(await openSession(second, setup()), "b", never));
  const third = ports([[says("ok")]], { log: first.log, tools: [custom] });
  await drain(runTurn(await openSession(third, setup({ target: { ...setup().target, images: false } })), "c", never));
  const causes = first.log.entries.flatMap((entry) => (entry.kind === "epoch" ? [entry.cause] : []));
  assert.deepEqual(causes, ["start", "a tool is gone or has another form", "images are seen differently"]);
});

test("whoever stops reading in the middle of a call leaves a thread that goes on", async () => {
  const port = ports([[calls("look", 1, "a")], [says("ok")]]);
  const session = await openSession(port, setup());
  for await (const event of runTurn(session, "go", never)) if (event.kind === "call-started") break;
  const { result } = await drain(runTurn(session, "again", never));
  assert.equal(result.kind, "done");
  assertPaired(port.model.seen.at(-1)?.input ?? []);
});
