import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { measure } from "../../src/compact/measure.ts";
import { openSession, type Session } from "../../src/engine/session.ts";
import { runTurn } from "../../src/engine/turn.ts";
import type { FoldEntry } from "../../src/thread/entry.ts";
import { replay, show, view } from "../../src/thread/view.ts";
import { contentText, type Item, isCall, isOutput, printItem } from "../../src/wire/item.ts";
import { printSorted } from "../../src/wire/request.ts";
import { calls, drain, fakeTool, memoryLog, ports, type Reply, says, setup, thinks } from "../support/engine.ts";

const never = new AbortController().signal;
const text = (item: Item) => (item.type === "message" ? contentText(item.content) : "");

/** `steps` calls whose outputs take about `chars` each, then an answer. */
function script(steps: number, chars: number): { replies: Reply[]; tools: ReturnType<typeof fakeTool>[] } {
  const replies: Reply[] = [];
  for (let n = 1; n <= steps; n++)
    replies.push([thinks(`t${n}`), calls("exec_command", { cmd: `cat f${n}` }, `c${n}`)]);
  replies.push([says("All read.")]);
  return {
    replies,
    tools: [fakeTool("exec_command", (input) => `exit code 0 · 0.0 s\n${input} ${"x".repeat(chars)}`)],
  };
}

async function fly(steps: number, chars: number, limit: number) {
  const { replies, tools } = script(steps, chars);
  const port = ports(replies, { tools });
  const session = await openSession(port, setup({}, limit));
  const done = await drain(runTurn(session, "Read all the files, and never touch the lock file.", never));
  const folds = port.log.entries.filter((entry): entry is FoldEntry => entry.kind === "fold");
  return { port, session, folds, ...done };
}

test("a long turn in a small window is folded many times and ends with its answer", async () => {
  const { port, session, folds, result } = await fly(120, 2400, 16_000);
  assert.deepEqual(result, { kind: "done", text: "All read." });
  assert.ok(folds.length >= 6, `only ${folds.length} folds`);
  for (const { prompt } of port.model.seen) assert.ok(prompt.length / 4 <= session.budget.usable);
  for (const fold of folds)
    assert.ok(fold.tokensAfter <= fold.tokensBefore * 0.9, `${fold.tokensBefore} -> ${fold.tokensAfter}`);
});

test("outside folds each prompt is a prefix of the next; a fold keeps what it names as frozen", async () => {
  const { port, folds } = await fly(120, 2400, 16_000);
  let breaks = 0;
  for (const [index, { prompt }] of port.model.seen.slice(1).entries()) {
    if (!prompt.startsWith(port.model.seen[index]?.prompt as string)) breaks++;
  }
  assert.equal(breaks, folds.length);
  for (const fold of folds) {
    const after = port.log.entries.filter(({ seq }) => seq <= fold.seq);
    const frozen = view(after, setup().target).slice(0, fold.frozen.items).map(printItem).join("\n");
    const outside = [printSorted(port.tools.map(({ spec }) => spec)), "Base."];
    const bytes = [...outside, frozen].join("\n");
    assert.equal(createHash("sha256").update(bytes).digest("hex"), fold.frozen.sha256);
    const merges = port.log.entries.filter(
      ({ kind, seq }) => kind === "merge" && seq < fold.seq && seq > fold.to,
    ).length;
    const before = view(
      port.log.entries.filter(({ seq }) => seq < fold.seq - merges),
      setup().target,
    );
    assert.equal(before.slice(0, fold.frozen.items).map(printItem).join("\n"), frozen);
  }
});

test("after every fold the task stands word for word and current, and no call is parted from its output", async () => {
  const { port } = await fly(120, 2400, 16_000);
  for (const { input } of port.model.seen) {
    const asked = input.filter(isCall).map(({ call_id }) => call_id);
    const answered = input.filter(isOutput).map(({ call_id }) => call_id);
    assert.deepEqual(answered, asked);
    assert.ok(input.some((item) => text(item).includes("never touch the lock file")));
  }
  const last = port.model.seen.at(-1)?.input ?? [];
  const current = last.findLast((item) => item.type === "message" && item.role === "user");
  assert.match(
    text(current as Item),
    /^Current request, still open[^\n]*\n\(#5\)\nRead all the files, and never touch the lock file\.$/,
  );
});

test("replaying the log gives the same bytes as the live thread, after folds and merges", async () => {
  const { port, session } = await fly(150, 2400, 16_000);
  assert.ok(port.log.entries.some(({ kind }) => kind === "merge"));
  const live = show(session.thread, session.setup.target).map(printItem);
  const again = show(replay(JSON.parse(JSON.stringify(port.log.entries))), session.setup.target).map(printItem);
  assert.deepEqual(again, live);
  const resumed = await openSession(
    ports([[says("ok")]], { log: memoryLog(port.log.entries), tools: port.tools as never }),
    setup({}, 16_000),
  );
  assert.deepEqual(resumed.ledger, session.ledger);
});

test("the view stays bounded however long the thread is", async () => {
  const { session, folds } = await fly(400, 2400, 16_000);
  const sizes = folds.map(({ tokensAfter }) => tokensAfter);
  const late = sizes.slice(-10).reduce((sum, size) => sum + size, 0) / 10;
  assert.ok(late <= session.budget.usable * 0.6, `${late} of ${session.budget.usable}`);
  assert.ok(session.thread.checkpoints.length <= 12);
});

test("a turn that ended is recorded as answered, and is not current in the next turn's folds", async () => {
  const { replies, tools } = script(30, 2400);
  const port = ports([[says("It is blue.")], ...replies], { tools });
  const session = await openSession(port, setup({}, 16_000));
  await drain(runTurn(session, "What colour is it?", never));
  await drain(runTurn(session, "Read all.", never));
  const last = port.model.seen.at(-1)?.input.map(text).join("\n") ?? "";
  assert.match(last, /- #5 "What colour is it\?" answered: "It is blue\." \(#6\)/);
  assert.doesNotMatch(last.slice(last.indexOf("Current request")), /What colour/);
});

test("a message of 300 KB is whole in the log, head and tail in the view, and the turn goes on", async () => {
  const long = `Start of it. ${"word ".repeat(60_000)} End of it.`;
  const port = ports([[says("ok")]]);
  const session = await openSession(port, setup({}, 64_000));
  const { result } = await drain(runTurn(session, long, never));
  assert.equal(result.kind, "done");
  const shown = port.model.seen[0]?.input.map(text).find((one) => one.startsWith("Start of it.")) ?? "";
  assert.ok(shown.endsWith("End of it."));
  assert.match(shown, /characters left out here; the whole is entry #5/);
  assert.ok(port.log.entries.some((entry) => entry.kind === "item" && text(entry.item) === long));
});

test("when the provider says the prompt is too long, it is folded and asked again", async () => {
  const { replies, tools } = script(12, 2400);
  const refuse: Reply = [{ kind: "failed", error: { kind: "context-length", message: "too long", limit: 6000 } }];
  const port = ports([...replies.slice(0, 10), refuse, ...replies.slice(10)], { tools });
  const session = await openSession(port, setup({}, 64_000));
  const { result, events } = await drain(runTurn(session, "go", never));
  assert.equal(result.kind, "done");
  const fold = events.find((event) => event.kind === "fold-finished");
  assert.equal(fold?.kind === "fold-finished" && fold.fold.trigger, "overflow");
  assert.ok(measure(session.thread, session.setup.target).total < 6000);
});

test("when nothing can be folded the turn ends with a breakdown, not with a refused request", async () => {
  const port = ports([[says("ok")]]);
  const agents = { name: "agents_md", role: "user", text: "rule ".repeat(20_000) } as const;
  const session: Session = await openSession(port, setup({ fragments: [agents] }, 16_000));
  const { result } = await drain(runTurn(session, "go", never));
  assert.equal(result.kind, "context-full");
  assert.equal(port.model.seen.length, 0);
  assert.match(result.kind === "context-full" ? result.message : "", /instructions, tools and project context \d+/);
});

test("after a turn that failed, going on leaves its request current; after an interruption it does not", async () => {
  const { replies, tools } = script(30, 2400);
  for (const [ending, isCurrent] of [
    ["refused", true],
    ["aborted", false],
  ] as const) {
    const failure: Reply = [{ kind: "failed", error: { kind: ending, message: "No." } }];
    const port = ports([failure, ...replies], { tools });
    const session = await openSession(port, setup({}, 16_000));
    await drain(runTurn(session, "Read the blue files.", never));
    await drain(runTurn(session, "Go on.", never));
    const last = port.model.seen.at(-1)?.input.map(text).join("\n") ?? "";
    const current = last.slice(last.indexOf("Current request"));
    assert.equal(current.includes("Read the blue files."), isCurrent);
    assert.ok(current.includes("Go on."));
  }
});

test("an 8k limit works: folds, and never a prompt beyond what is usable", async () => {
  const { port, session, folds, result } = await fly(60, 1200, 8000);
  assert.deepEqual(result, { kind: "done", text: "All read." });
  assert.ok(folds.length >= 4);
  for (const { prompt } of port.model.seen) assert.ok(prompt.length / 4 <= session.budget.usable);
});

test("many messages that nobody answered cannot fill a thread for good", async () => {
  for (const limit of [16_000, 272_000]) {
    const size = Math.floor(limit * 0.8 * 0.039 * 4);
    const down: Reply = [{ kind: "failed", error: { kind: "network", message: "No network." } }];
    const port = ports([down], {});
    const session = await openSession(port, setup({}, limit));
    for (let n = 0; n < 60; n++) {
      const { result } = await drain(runTurn(session, `${n} ${"w ".repeat(size / 2)}`, never));
      assert.equal(result.kind, "failed", `message ${n} at ${limit}: ${result.kind}`);
    }
    const again = ports([[says("ok")]], { log: port.log });
    const { result } = await drain(runTurn(await openSession(again, setup({}, limit)), "Still there?", never));
    assert.equal(result.kind, "done");
  }
});

test("steering texts in the middle of a turn fold like everything else", async () => {
  const { tools } = script(1, 10);
  const typed = [Array.from({ length: 40 }, (_, n) => `${n} ${"v ".repeat(700)}`), []];
  const port = ports(
    [[calls("exec_command", { cmd: "ls" }, "a")], [calls("exec_command", { cmd: "ls" }, "b")], [says("ok")]],
    {
      tools,
      inbox: { take: () => typed.shift() ?? [] },
    },
  );
  const { result } = await drain(runTurn(await openSession(port, setup({}, 16_000)), "go", never));
  assert.equal(result.kind, "done");
});

test("a limit a provider named is learnt, recorded and known after a resume", async () => {
  const long = `Task: ${"word ".repeat(10_000)}`;
  const refuse: Reply = [{ kind: "failed", error: { kind: "context-length", message: "too long", limit: 8000 } }];
  const port = ports([refuse, [says("ok")]]);
  const session = await openSession(port, setup({}, 128_000));
  const { result } = await drain(runTurn(session, long, never));
  assert.equal(result.kind, "done");
  assert.ok((port.model.seen.at(-1)?.prompt.length ?? 0) / 4 < 8000);
  const resumed = await openSession(ports([[says("ok")]], { log: port.log }), setup({}, 128_000));
  assert.deepEqual(resumed.limit, { tokens: 8000, from: "provider" });
  assert.equal(resumed.budget.limit, 8000);
});

test("a line that no fold can reach does not end a turn that still fits the model", async () => {
  const { replies, tools } = script(60, 2400);
  const port = ports(replies, { tools });
  const session = await openSession(port, setup({}, 16_000, { autoCompactLimit: 300 }));
  const { result } = await drain(runTurn(session, "go", never));
  assert.deepEqual(result, { kind: "done", text: "All read." });
});

test("wrong usage figures do not end a turn", async () => {
  const { tools } = script(1, 10);
  const usage = { inputTokens: 1e9, cachedTokens: 0, cacheWriteTokens: 0, outputTokens: 1, reasoningTokens: 0 };
  const steps = Array.from(
    { length: 20 },
    (_, n): Reply => [calls("exec_command", { cmd: `cat ${n}` }, `c${n}`), { kind: "completed", usage }],
  );
  const port = ports([...steps, [says("ok")]], { tools });
  const session = await openSession(port, setup({}, 8000));
  assert.equal((await drain(runTurn(session, "go", never))).result.kind, "done");
  assert.equal(session.thread.ratio <= 1.5, true);
});

test("a log that was changed by hand in front of a fold is told on opening", async () => {
  const { port } = await fly(60, 2400, 16_000);
  const sound = await openSession(
    ports([[says("ok")]], { log: memoryLog(port.log.entries), tools: port.tools as never }),
    setup({}, 16_000),
  );
  assert.deepEqual(sound.warnings, []);
  const changed = JSON.parse(
    JSON.stringify(port.log.entries).replace("never touch the lock file", "touch the lock file"),
  );
  const bent = await openSession(
    ports([[says("ok")]], { log: memoryLog(changed), tools: port.tools as never }),
    setup({}, 16_000),
  );
  assert.match(bent.warnings[0] ?? "", /does not print what fold #\d+ recorded/);
});
