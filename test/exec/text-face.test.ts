/** The text face: a golden page, the final message on stdout, hostile output, terminals and logs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Event, TurnResult } from "../../src/engine/event.ts";
import { runTextFace, type TextFaceOptions } from "../../src/exec/text-face.ts";
import { message } from "../../src/wire/item.ts";
import {
  done,
  finished,
  fn,
  fold,
  HeldTicker,
  type MemorySinks,
  memorySinks,
  opened,
  patchCall,
  recorded,
  says,
  started,
  told,
  used,
} from "./support.ts";

const header = { model: "m-1", provider: "here", cwd: "/project/here", sandbox: "danger-full-access" };
const ESC = "\x1b";
const delta = (text: string): Event => ({ kind: "text", delta: text });

async function run(
  events: readonly Event[],
  sinks: MemorySinks = memorySinks(),
  options: Partial<TextFaceOptions> = {},
) {
  const result = await runTextFace(told(events), sinks, { header, ticker: new HeldTicker(), ...options });
  return { ...result, out: sinks.stdout.text, err: sinks.stderr.text, sinks };
}

/** The page without header and summary. */
const body = (err: string): string => err.split("\n\n")[1] ?? "";

test("a turn in a log without colour is this page", async () => {
  const test1 = fn("c1", "exec_command", { cmd: "npm test" });
  const poll = fn("c6", "write_stdin", { session_id: 1 });
  const patch = patchCall(
    "c2",
    "*** Begin Patch\n*** Update File: src/a.ts\n*** Move to: src/b.ts\n@@ fn\n same\n-old\n+new\n*** End Patch",
  );
  const plan = fn("c3", "update_plan", {
    plan: [
      { step: "look", status: "completed" },
      { step: "patch", status: "in_progress" },
      { step: "test", status: "pending" },
    ],
  });
  const [left, right] = [fn("c4", "exec_command", { cmd: "left" }), fn("c5", "exec_command", { cmd: "right" })];
  const { out, err, exitCode, lastMessage } = await run([
    opened,
    { kind: "turn-started" },
    { kind: "notice", text: 'config: unknown key "modle"' },
    { kind: "reasoning", delta: "**Loo" },
    delta("I will lo"),
    { kind: "retried", attempt: 1, of: 5, delayMs: 400, reason: "the stream was cut" },
    delta("I will look."),
    recorded(
      { type: "reasoning", summary: [{ type: "summary_text", text: "**Looking**\n\nat the tests" }] },
      message("assistant", "I will look."),
      test1,
    ),
    used(40_000, 30_000, 900, 100),
    started(test1, "npm test"),
    finished(test1, "exit code 1 · 1.2 s\na\nb\nc\nd\ne\nf", { ok: false, exit: 1, durationMs: 1234 }),
    started(patch, "R src/a.ts -> src/b.ts"),
    finished(patch, "Patch applied", {
      ok: true,
      durationMs: 3,
      files: [
        { path: "src/a.ts", change: "update", movedTo: "src/b.ts" },
        { path: "/elsewhere/c", change: "update" },
      ],
    }),
    started(plan, "plan: 1 of 3 done"),
    finished(plan, "ok", { ok: true }),
    { kind: "fold-started", trigger: "limit", tokensBefore: 48120 },
    { kind: "fold-finished", fold, window: 3 },
    started(left, "left"),
    started(right, "right"),
    finished(right, "exit code 0 · 0.0 s\nok", { ok: true, exit: 0, durationMs: 7 }),
    finished(left, "still running as session 1 · 10.0 s\n(no output)", { ok: true, running: 1, durationMs: 10_000 }),
    started(poll, "wait for session 1 (left)"),
    finished(poll, "killed by SIGTERM · 75.0 s\n(no output)", { ok: false, signal: "SIGTERM", durationMs: 75_000 }),
    used(8_120, 8_120, 304, 0),
    says("Done.\nAll green."),
    done("Done.\nAll green."),
  ]);
  assert.equal(
    err,
    `thread    0199-thread
model     m-1 (here)
directory /project/here
sandbox   danger-full-access

note: config: unknown key "modle"
Asking the model again in 0.4 s, try 1 of 5 (the stream was cut)
Looking at the tests
I will look.
• npm test
  ✗ exit 1 · 1.2 s · 6 lines
    b
    c
    d
    e
    f
• R src/a.ts -> src/b.ts
  ✓ done · 3 ms
  update src/a.ts
  move to src/b.ts
    @@ fn
     same
    -old
    +new
• plan: 1 of 3 done
  [x] look
  [>] patch
  [ ] test
Compacting context…
compacted: 48,120 → 9,310 tokens (digest, 12 ms), window 3
• left
• right
  ✓ exit 0 · 7 ms · 1 line
  … left: still runs as session 1 · 10.0 s · 0 lines
• wait for session 1 (left)
  ✗ ended by SIGTERM · 1 min 15 s · 0 lines

changed   ~ /elsewhere/c
          - src/a.ts
          + src/b.ts
windows   3 (1 fold in this turn)
tokens    48,120 in (79 % cached), 1,204 out, 100 of it reasoning
calls     6
time      0 ms
`,
  );
  assert.deepEqual([out, exitCode, lastMessage], ["Done.\nAll green.\n", 0, "Done.\nAll green."]);
});

test("stdout holds the final message once and whole, whichever of the two is a terminal", async () => {
  const call = fn("c1", "exec_command", { cmd: "ls" });
  const events = [
    opened,
    delta("First "),
    delta("words"),
    recorded(message("assistant", "First words"), call),
    started(call, "ls"),
    finished(call, "exit code 0 · 0.0 s\nx", { ok: true, exit: 0 }),
    delta("Final "),
    delta("words"),
    says("Final words"),
    done("Final words"),
  ];
  const times = (text: string, words: string): number => text.split(words).length - 1;
  for (const [outColumns, errColumns] of [[], [undefined, 80], [80], [80, 80]]) {
    const { out, err } = await run(events, memorySinks(outColumns, errColumns));
    const isFile = outColumns === undefined;
    assert.equal(times(out, "Final words"), 1);
    assert.equal(times(out, "First words"), isFile ? 0 : 1);
    assert.equal(times(err, "First words"), isFile ? 1 : 0);
    assert.equal(times(err, "Final words"), isFile && errColumns !== undefined ? 1 : 0);
    if (isFile) assert.equal(out, "Final words\n");
    else assert.equal(out, "First words\nFinal words\n");
  }
});

test("a final message that was never streamed, or streamed and withdrawn, is on the terminal whole", async () => {
  const plain = await run([opened, says("Hello"), done("Hello")], memorySinks(80, 80));
  assert.equal(plain.out, "Hello\n");
  const retry: Event = { kind: "retried", attempt: 1, of: 2, delayMs: 0, reason: "cut" };
  const again = await run(
    [opened, delta("Hel"), retry, delta("Hello"), says("Hello"), done("Hello")],
    memorySinks(80, 80),
  );
  assert.equal(again.out, "Hel\nHello\n");
  const two = await run(
    [opened, delta("AB"), recorded(message("assistant", "A"), message("assistant", "B")), done("B")],
    memorySinks(80, 80),
  );
  assert.equal(two.out, "AB\n");
});

test("escape sequences and hidden marks in what models and tools say never reach the terminal", async () => {
  const evil = `${ESC}]0;owned\x07${ESC}[2J\u202eabc\x9b31m\r\x00\x7f`;
  const call = fn("c1", "exec_command", { cmd: evil });
  const patch = patchCall("c2", `*** Begin Patch\n*** Add File: ${evil}\n+${evil}\n*** End Patch`);
  const plan = fn("c3", "update_plan", { plan: [{ step: evil, status: "pending" }] });
  const events: Event[] = [
    { kind: "thread-opened", thread: evil, resumed: true },
    { kind: "notice", text: evil },
    { kind: "retried", attempt: 1, of: 5, delayMs: 0, reason: evil },
    delta(`${ESC}[`),
    delta("31mred\r"),
    delta("\nnext"),
    recorded({ type: "reasoning", summary: [{ type: "summary_text", text: evil }] }, message("assistant", `${evil}\n`)),
    started(call, evil),
    { kind: "call-progress", call, text: evil },
    finished(call, `exit code 1 · 0.0 s\n${evil}`, { ok: false, exit: 1 }),
    started(patch, evil),
    finished(patch, "ok", { ok: true, files: [{ path: evil, change: "add" }] }),
    started(plan, "plan"),
    finished(plan, "ok", { ok: true }),
    says(evil),
    done(evil),
  ];
  const { out, err } = await run(events, memorySinks(200, 200), {
    header: { ...header, cwd: evil },
    env: { NO_COLOR: "1" },
  });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
  const hostile = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/;
  assert.doesNotMatch(out, hostile);
  assert.doesNotMatch(err, hostile);
  assert.ok(out.includes("^[[31mred\nnext"));
  assert.ok(out.endsWith("^[]0;owned^G^[[2J<U+202E>abc<U+009B>31m^M^@^?\n"));
  const piped = await run([opened, says(evil), done(evil)]);
  assert.equal(piped.out, `${evil}\n`, "a file or pipe gets it word for word");
  assert.doesNotMatch(piped.err, hostile);
});

test("colour is for terminals, unless NO_COLOR or TERM=dumb or --color say otherwise", async () => {
  const events: Event[] = [opened, { kind: "notice", text: "x" }, done("")];
  const isColored = async (columns: number | undefined, options: Partial<TextFaceOptions>): Promise<boolean> =>
    (await run(events, memorySinks(columns, columns), options)).err.includes(`${ESC}[33m`);
  assert.equal(await isColored(80, {}), true);
  assert.equal(await isColored(80, { env: { NO_COLOR: "1" } }), false);
  assert.equal(await isColored(80, { env: { NO_COLOR: "" } }), true);
  assert.equal(await isColored(80, { env: { TERM: "dumb" } }), false);
  assert.equal(await isColored(80, { color: "never" }), false);
  assert.equal(await isColored(undefined, {}), false);
  assert.equal(await isColored(undefined, { color: "always" }), true);
});

test("no line of ours is wider than the terminal", async () => {
  const wide = "漢字".repeat(60);
  const call = fn("c1", "exec_command", { cmd: wide });
  const { err } = await run(
    [
      opened,
      { kind: "notice", text: wide },
      started(call, wide),
      finished(call, `exit code 1 · 0.0 s\n${"e\u0301".repeat(200)}\n${"\t".repeat(99)}x`, { ok: false, exit: 1 }),
      done(""),
    ],
    memorySinks(40, 40),
    { color: "never" },
  );
  const lines = err.split("\n");
  const columns = (text: string): number =>
    [...text.replace(/\u0301/g, "")].reduce((sum, sign) => sum + (/[漢字]/.test(sign) ? 2 : 1), 0);
  assert.ok(lines.some((text) => text.startsWith("note: 漢字") && text.endsWith("…")));
  for (const text of lines.slice(0, -6)) assert.ok(columns(text) < 40, text);
});

test("a long patch is cut at 60 lines with a count of the rest", async () => {
  const added = Array.from({ length: 99 }, (_, index) => `+line ${index}`).join("\n");
  const patch = patchCall("c1", `*** Begin Patch\n*** Add File: a\n${added}\n*** End Patch`);
  const { err } = await run([opened, started(patch, "A a"), finished(patch, "", { ok: true }), done("")]);
  assert.match(err, / {4}\+line 58\n {4}… 40 more lines\n/);
});

test("a command that takes long is told of: in place on a terminal, every ten seconds in a log", async () => {
  const call = fn("c1", "exec_command", { cmd: "sleep" });
  const play = async (columns: number | undefined) => {
    const ticker = new HeldTicker();
    const sinks = memorySinks(columns, columns);
    async function* events(): AsyncGenerator<Event> {
      yield opened;
      yield started(call, "sleep 25");
      yield { kind: "call-progress", call, text: "one\ntwo\n" };
      ticker.pass(25_000);
      yield finished(call, "exit code 0 · 25.0 s\n(no output)", { ok: true, exit: 0 });
      yield done("");
    }
    await runTextFace(events(), sinks, { header, ticker, color: "never" });
    assert.equal(ticker.isStopped, true);
    return sinks.stderr.text;
  };
  const log = await play(undefined);
  assert.equal(
    body(log),
    "• sleep 25\n  … 10.0 s · sleep 25 · two\n  … 20.0 s · sleep 25 · two\n  ✓ exit 0 · 25.0 s · 0 lines",
  );
  const screen = await play(80);
  assert.equal(screen.split(`\r${ESC}[2K  … `).length - 1, 25);
  assert.ok(screen.includes(`  … 25.0 s · sleep 25 · two\r${ESC}[2K  ✓ exit 0`));
});

test("every other ending says why on stderr, and nothing on stdout", async () => {
  const endings: [TurnResult, number, RegExp][] = [
    [{ kind: "failed", message: "Quota is used up." }, 1, /^error: Quota is used up\.$/m],
    [{ kind: "interrupted", message: "Interrupted." }, 130, /^interrupted: Interrupted\.$/m],
    [{ kind: "stopped", message: "Enough.", limit: "tokens" }, 0, /^stopped: Enough\.$/m],
    [
      { kind: "context-full", message: "Too much.", parts: [{ name: "tools", tokens: 12_345 }] },
      1,
      /^error: Too much\.\n {7}12,345 {2}tools$/m,
    ],
  ];
  for (const [result, code, words] of endings) {
    const { out, err, exitCode, lastMessage } = await run([opened, says("So far"), { kind: "turn-ended", result }]);
    assert.deepEqual([out, exitCode, lastMessage], ["", code, "So far"]);
    assert.match(err, words);
    assert.match(err, /^So far$/m);
  }
  const cut = await run([opened]);
  assert.equal(cut.exitCode, 1);
});

test("a closed stdout ends the face quietly; a closed stderr does not end the turn", async () => {
  const broken = (): never => {
    throw Object.assign(new Error("write EPIPE"), { code: "EPIPE" });
  };
  const noOut = memorySinks(80, 80);
  noOut.stdout.write = broken;
  assert.deepEqual(await runTextFace(told([opened, delta("x"), done("x")]), noOut, { header }), {
    exitCode: 130,
    lastMessage: null,
    closed: true,
  });
  const noErr = memorySinks();
  noErr.stderr.write = broken;
  const result = await runTextFace(told([opened, says("x"), done("x")]), noErr, { header });
  assert.deepEqual([result.exitCode, noErr.stdout.text], [0, "x\n"]);
});
