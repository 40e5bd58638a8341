/** The lines of `exec --json`: a golden turn, totals, failures, and how the official SDK reads them. */
import assert from "node:assert/strict";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { test } from "node:test";
import type { Event, TurnResult } from "../../src/engine/event.ts";
import { type JsonFaceOptions, runJsonFace } from "../../src/exec/json-face.ts";
import { message } from "../../src/wire/item.ts";
import {
  done,
  entry,
  finished,
  fn,
  fold,
  MemorySink,
  memorySinks,
  opened,
  patchCall,
  recorded,
  says,
  started,
  told,
  used,
} from "./support.ts";

const OPTIONS: JsonFaceOptions = { cwd: "/project/here" };
const begun: Event[] = [opened, { kind: "turn-started" }];
const PATCH = "*** Begin Patch\n*** Add File: new.txt\n+a\n*** Update File: old.txt\n@@\n-x\n+y\n*** End Patch";

async function run(events: readonly Event[], options = OPTIONS) {
  const sinks = memorySinks();
  const result = await runJsonFace(told(events), sinks, options);
  return { ...result, sinks, lines: sinks.stdout.text.trimEnd().split("\n") };
}

const ended = (result: TurnResult): Event => ({ kind: "turn-ended", result });

test("a turn with every kind of event gives these lines", async () => {
  const test1 = fn("c1", "exec_command", { cmd: "npm test" });
  const patch = patchCall("c2", PATCH);
  const plan1 = fn("c3", "update_plan", { plan: [{ step: "look", status: "in_progress" }] });
  const plan2 = fn("c4", "update_plan", { plan: [{ step: "look", status: "completed" }] });
  const view = fn("c5", "view_image", { path: "a.png" });
  const { lines, exitCode, lastMessage, closed } = await run([
    { kind: "notice", text: "config: unknown key" },
    ...begun,
    { kind: "recorded", entries: [{ seq: 1, ts: "", kind: "turn", state: "started" }, entry(message("user", "go"))] },
    { kind: "reasoning", delta: "hm" },
    { kind: "text", delta: "I look" },
    { kind: "retried", attempt: 1, of: 5, delayMs: 200, reason: "the stream was cut" },
    recorded(
      { type: "reasoning", summary: [{ type: "summary_text", text: "think" }] },
      { type: "reasoning", encrypted_content: "x" },
      message("assistant", "I look"),
      test1,
    ),
    used(100, 40, 10, 5),
    started(test1, "npm test"),
    { kind: "call-progress", call: test1, text: "…" },
    finished(test1, "bad\n", { ok: true, exit: 1 }),
    started(patch, "new.txt"),
    finished(patch, "Done", {
      ok: true,
      files: [
        { path: "new.txt", change: "add" },
        { path: "/elsewhere/old.txt", change: "update", movedTo: "moved.txt" },
      ],
    }),
    started(plan1, "plan"),
    finished(plan1, "ok", { ok: true }),
    started(plan2, "plan"),
    finished(plan2, "ok", { ok: true }),
    { kind: "fold-started", trigger: "limit", tokensBefore: 48120 },
    { kind: "fold-finished", fold, window: 2 },
    started(view, "a.png"),
    finished(view, "no such file", { ok: false }),
    used(50, 50, 1, 0),
    says("all done"),
    done("all done"),
  ]);
  assert.deepEqual(lines, [
    '{"type":"thread.started","thread_id":"0199-thread"}',
    '{"type":"item.completed","item":{"id":"item_0","type":"error","message":"config: unknown key"}}',
    '{"type":"turn.started"}',
    '{"type":"error","message":"Asking the model again in 0.2 s, try 1 of 5 (the stream was cut)"}',
    '{"type":"item.completed","item":{"id":"item_1","type":"reasoning","text":"think"}}',
    '{"type":"item.completed","item":{"id":"item_2","type":"agent_message","text":"I look"}}',
    '{"type":"item.started","item":{"id":"item_3","type":"command_execution","command":"npm test","aggregated_output":"","exit_code":null,"status":"in_progress"}}',
    '{"type":"item.completed","item":{"id":"item_3","type":"command_execution","command":"npm test","aggregated_output":"bad\\n","exit_code":1,"status":"failed"}}',
    '{"type":"item.started","item":{"id":"item_4","type":"file_change","changes":[{"path":"/project/here/new.txt","kind":"add"},{"path":"/project/here/old.txt","kind":"update"}],"status":"in_progress"}}',
    '{"type":"item.completed","item":{"id":"item_4","type":"file_change","changes":[{"path":"/project/here/new.txt","kind":"add"},{"path":"/elsewhere/old.txt","kind":"update","moved_to":"/project/here/moved.txt"}],"status":"completed"}}',
    '{"type":"item.started","item":{"id":"item_5","type":"todo_list","items":[{"text":"look","completed":false}]}}',
    '{"type":"item.updated","item":{"id":"item_5","type":"todo_list","items":[{"text":"look","completed":true}]}}',
    '{"type":"item.started","item":{"id":"item_6","type":"compaction","trigger":"limit","phase":null,"rung":null,"tokens_before":48120,"tokens_after":null,"cached_tokens":null,"probe_score":null,"duration_ms":null}}',
    '{"type":"item.completed","item":{"id":"item_6","type":"compaction","trigger":"limit","phase":"in-turn","rung":"digest","tokens_before":48120,"tokens_after":9310,"cached_tokens":null,"probe_score":null,"duration_ms":12}}',
    '{"type":"item.started","item":{"id":"item_7","type":"tool_call","tool":"view_image","input":{"path":"a.png"},"status":"in_progress"}}',
    '{"type":"item.completed","item":{"id":"item_7","type":"tool_call","tool":"view_image","input":{"path":"a.png"},"status":"failed"}}',
    '{"type":"item.completed","item":{"id":"item_8","type":"agent_message","text":"all done"}}',
    '{"type":"item.completed","item":{"id":"item_5","type":"todo_list","items":[{"text":"look","completed":true}]}}',
    '{"type":"turn.completed","usage":{"input_tokens":150,"cached_input_tokens":90,"cache_write_input_tokens":2,"output_tokens":11,"reasoning_output_tokens":5},"tool_calls":5}',
  ]);
  assert.deepEqual({ exitCode, lastMessage, closed }, { exitCode: 0, lastMessage: "all done", closed: false });
});

test("each line is one write, also where the text holds line separators", async () => {
  const { sinks } = await run([...begun, says("a\u2028b\nc"), done("a\u2028b\nc")]);
  assert.equal(sinks.stdout.writes.length, 4);
  for (const write of sinks.stdout.writes) assert.match(write, /^[^\n\u2028]+\n$/);
  assert.equal(JSON.parse(sinks.stdout.writes[2] as string).item.text, "a\u2028b\nc");
});

test("usage counts on from what the thread used before", async () => {
  const before = { inputTokens: 1000, cachedTokens: 500, cacheWriteTokens: 7, outputTokens: 20, reasoningTokens: 3 };
  const resumed: Event = { kind: "thread-opened", thread: "0199-thread", resumed: true };
  const { lines } = await run([resumed, { kind: "turn-started" }, used(10, 5, 2, 1), done("")], {
    ...OPTIONS,
    used: before,
  });
  assert.equal(lines[0], '{"type":"thread.started","thread_id":"0199-thread"}');
  assert.deepEqual(JSON.parse(lines.at(-1) as string).usage, {
    input_tokens: 1010,
    cached_input_tokens: 505,
    cache_write_input_tokens: 8,
    output_tokens: 22,
    reasoning_output_tokens: 4,
  });
});

test("every ending has its last line and its exit code", async () => {
  const endings: [TurnResult, object, number][] = [
    [{ kind: "failed", message: "no" }, { type: "turn.failed", error: { message: "no" } }, 1],
    [{ kind: "interrupted", message: "cut" }, { type: "turn.failed", error: { message: "cut" } }, 130],
    [
      { kind: "context-full", message: "full", parts: [{ name: "tools", tokens: 3 }] },
      { type: "turn.failed", error: { message: "full", parts: [{ name: "tools", tokens: 3 }] } },
      1,
    ],
  ];
  for (const [result, line, code] of endings) {
    const { lines, exitCode } = await run([...begun, ended(result)]);
    assert.deepEqual([JSON.parse(lines.at(-1) as string), exitCode, lines.length], [line, code, 3]);
  }
  const { lines, exitCode } = await run([...begun, ended({ kind: "stopped", message: "enough", limit: "turns" })]);
  const last = JSON.parse(lines.at(-1) as string);
  assert.deepEqual([last.type, last.stopped, exitCode], ["turn.completed", { limit: "turns", message: "enough" }, 0]);
});

test("events that just end are a failed turn", async () => {
  const { lines, exitCode } = await run(begun);
  assert.equal(exitCode, 1);
  assert.equal(lines.at(-1), '{"type":"turn.failed","error":{"message":"The turn ended without a result."}}');
});

test("events that throw are told as a failed turn and thrown on", async () => {
  const sinks = memorySinks();
  async function* broken(): AsyncGenerator<Event> {
    yield opened;
    throw new Error("disk full");
  }
  await assert.rejects(runJsonFace(broken(), sinks, OPTIONS), /disk full/);
  assert.match(sinks.stdout.text, /"turn.failed","error":\{"message":"disk full"\}\}\n$/);
});

test("input to a running command and its output belong to the command's item", async () => {
  const start = fn("c1", "exec_command", { cmd: "node" });
  const type = fn("c2", "write_stdin", { session_id: 4, chars: "1+1\n" });
  const bad = fn("c9", "write_stdin", { session_id: 4, chars: 7 });
  const leave = fn("c3", "write_stdin", { session_id: 4, chars: ".exit\n" });
  const { lines } = await run([
    ...begun,
    started(start, "node"),
    finished(start, "still running as session 4 · 10.0 s\n> ", { ok: true, running: 4 }),
    started(type, "to 4"),
    finished(type, "2\n> ", { ok: true, running: 4 }),
    started(bad, "to 4"),
    finished(bad, "session 4 takes no input", { ok: false }),
    started(leave, "to 4"),
    finished(leave, "exit code 0 · 11.0 s\nbye", { ok: true, exit: 0, whole: "/spill/4" }),
    done(""),
  ]);
  const items = lines.slice(2, -1).map((text) => JSON.parse(text));
  assert.deepEqual(
    items.map(({ type: kind, item }) => [kind, item.id, item.aggregated_output, item.exit_code, item.status]),
    [
      ["item.started", "item_0", "", null, "in_progress"],
      ["item.updated", "item_0", "> ", null, "in_progress"],
      ["item.updated", "item_0", "> \n2\n> ", null, "in_progress"],
      ["item.completed", "item_0", "> \n2\n> \nbye", 0, "completed"],
    ],
  );
  assert.equal(items.at(-1).item.output_file, "/spill/4");
});

test("what is open when the turn is cut is completed as failed, once", async () => {
  const start = fn("c1", "exec_command", { cmd: "server" });
  const poll = fn("c2", "write_stdin", { session_id: 1 });
  const look = fn("c3", "view_image", { path: "a" });
  const { lines } = await run([
    ...begun,
    started(start, "server"),
    finished(start, "up", { ok: true, running: 1 }),
    started(poll, "poll"),
    started(look, "a"),
    { kind: "fold-started", trigger: "limit", tokensBefore: 5 },
    ended({ kind: "interrupted", message: "by the user" }),
  ]);
  const items = lines.map((text) => JSON.parse(text)).filter(({ type }) => type === "item.completed");
  assert.deepEqual(
    items.map(({ item }) => [item.id, item.type, item.status]),
    [
      ["item_0", "command_execution", "failed"],
      ["item_1", "tool_call", "failed"],
      ["item_2", "compaction", undefined],
    ],
  );
  assert.equal(items[0].item.aggregated_output, "up");
});

test("a patch through the shell is a file change; a command that only speaks of one is a command", async () => {
  const cmd = `cd pkg && apply_patch <<'EOF'\n${PATCH}\nEOF`;
  const [good, bad, ran] = ["c1", "c2", "c3"].map((id) => fn(id, "exec_command", { cmd, workdir: "mono" }));
  assert.ok(good && bad && ran);
  const { lines } = await run([
    ...begun,
    started(good, "patch"),
    finished(good, "Done", { ok: true, files: [{ path: "new.txt", change: "add" }] }),
    started(bad, "patch"),
    finished(bad, "hunk 1 fits nowhere", { ok: false }),
    started(ran, "patch"),
    finished(ran, "sh: apply_patch: not found", { ok: true, exit: 127 }),
    done(""),
  ]);
  const items = lines.map((text) => JSON.parse(text)).filter(({ type }) => type === "item.completed");
  assert.deepEqual(
    items.map(({ item }) => [item.type, item.status, item.changes?.length ?? item.exit_code]),
    [
      ["file_change", "completed", 1],
      ["file_change", "failed", 2],
      ["command_execution", "failed", 127],
    ],
  );
  assert.equal(items[0].item.changes[0].path, "/project/here/mono/pkg/new.txt");
});

test("a call with arguments that are no JSON, and one that was answered without a start, are told", async () => {
  const broken = { type: "function_call", call_id: "c1", name: "update_plan", arguments: "{plan" } as const;
  const unknown = fn("c2", "teleport", {});
  const { lines } = await run([
    ...begun,
    started(broken, "?"),
    finished(broken, "bad", { ok: false }),
    finished(unknown, "no such tool", { ok: false }),
    done(""),
  ]);
  const events = lines.slice(2).map((text) => JSON.parse(text));
  assert.deepEqual(
    events.slice(0, -1).map(({ type, item }) => [type, item.tool, item.input, item.status]),
    [
      ["item.started", "update_plan", "{plan", "in_progress"],
      ["item.completed", "update_plan", "{plan", "failed"],
      ["item.started", "teleport", {}, "in_progress"],
      ["item.completed", "teleport", {}, "failed"],
    ],
  );
  assert.equal(events.at(-1).tool_calls, 2);
});

test("a full stdout is waited for; a closed one ends the face quietly and stops the events", async () => {
  let hasStopped = false;
  async function* endless(): AsyncGenerator<Event> {
    try {
      yield opened;
      for (;;) yield says("more");
    } finally {
      hasStopped = true;
    }
  }
  let writes = 0;
  let isFull = false;
  const stdout = Object.assign(new MemorySink(), {
    write(): Promise<void> {
      assert.equal(isFull, false, "written to while it was full");
      if (++writes > 3) return Promise.reject(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
      isFull = true;
      return new Promise((resolve) => {
        setImmediate(() => {
          isFull = false;
          resolve();
        });
      });
    },
  });
  const result = await runJsonFace(endless(), { stdout, stderr: new MemorySink() }, OPTIONS);
  assert.deepEqual(result, { exitCode: 130, lastMessage: "more", closed: true });
  assert.equal(hasStopped, true);
});

/** What `@openai/codex-sdk` does with the lines of a run. */
async function readAsSdk(text: string) {
  const items: unknown[] = [];
  let finalResponse = "";
  let usage: unknown = null;
  let threadId: string | null = null;
  for await (const line of createInterface({ input: Readable.from([text]), crlfDelay: Number.POSITIVE_INFINITY })) {
    const event = JSON.parse(line);
    if (event.type === "thread.started") threadId = event.thread_id;
    else if (event.type === "item.completed") {
      if (event.item.type === "agent_message") finalResponse = event.item.text;
      items.push(event.item);
    } else if (event.type === "turn.completed") usage = event.usage;
    else if (event.type === "turn.failed") throw new Error(event.error.message);
  }
  return { threadId, finalResponse, usage, items };
}

test("the SDK's way of reading finds thread, final response and usage, and throws for a failed turn", async () => {
  const retry: Event = { kind: "retried", attempt: 1, of: 5, delayMs: 1, reason: "cut" };
  const good = await run([
    ...begun,
    says("first"),
    retry,
    used(9, 1, 2, 1),
    says("last\u2029one"),
    done("last\u2029one"),
  ]);
  const read = await readAsSdk(good.sinks.stdout.text);
  assert.deepEqual(
    [read.threadId, read.finalResponse, read.items.length, read.usage],
    [
      "0199-thread",
      "last\u2029one",
      2,
      {
        input_tokens: 9,
        cached_input_tokens: 1,
        cache_write_input_tokens: 1,
        output_tokens: 2,
        reasoning_output_tokens: 1,
      },
    ],
  );
  const bad = await run([...begun, says("first"), ended({ kind: "failed", message: "Quota is used up." })]);
  await assert.rejects(readAsSdk(bad.sinks.stdout.text), /Quota is used up\./);
});
