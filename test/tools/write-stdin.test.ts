import assert from "node:assert/strict";
import { test } from "node:test";
import { isAlive, pidsIn, program, until } from "../sandbox/with-run.ts";
import { type Shell, textOf, withShell } from "./shell.ts";

const SHORT = { yield_time_ms: 250 };

/** Poll a session until its output holds what is expected; all its output. */
async function poll(shell: Shell, session: number, expected: RegExp): Promise<string> {
  let all = "";
  for (let count = 0; count < 80 && !expected.test(all); count++) {
    all += textOf(await shell.write({ session_id: session, ...SHORT })).replace(/^.*\n(\(no output\)$)?/, "");
  }
  assert.match(all, expected);
  return all;
}

test("a command that takes long is polled to its end, and then forgotten", async (t) => {
  const shell = withShell(t);
  assert.deepEqual(await shell.exec({ cmd: "echo one; sleep 0.6; echo two", ...SHORT }), {
    output: "still running as session 1 · 0.0 s\none\n",
    result: { ok: true, running: 1, durationMs: 0 },
  });
  assert.deepEqual(await shell.write({ session_id: 1, yield_time_ms: 20_000 }), {
    output: "exit code 0 · 0.0 s\ntwo\n",
    result: { ok: true, exit: 0, durationMs: 0 },
  });
  assert.deepEqual(await shell.write({ session_id: 1 }), {
    output: "There is no session 1: it never was, or has ended. No session is open.",
    result: { ok: false },
  });
});

test("typing into a terminal", async (t) => {
  const shell = withShell(t);
  await shell.exec({ cmd: 'read -r name; echo "hello $name"', tty: true, ...SHORT });
  const { output, result } = await shell.write({ session_id: 1, chars: "Ada\n", yield_time_ms: 20_000 });
  assert.equal(output, "exit code 0 · 0.0 s\nAda\r\nhello Ada\r\n");
  assert.deepEqual(result, { ok: true, exit: 0, durationMs: 0 });
});

test("Ctrl-C ends what runs in a terminal", async (t) => {
  const shell = withShell(t);
  await shell.exec({ cmd: "sleep 1000", tty: true, ...SHORT });
  assert.match(
    textOf(await shell.write({ session_id: 1, chars: "\u0003", yield_time_ms: 20_000 })),
    /^killed by SIGINT/,
  );
});

test("without a terminal Ctrl-C works and text is refused", async (t) => {
  const shell = withShell(t);
  await shell.exec({ cmd: program("count-interrupts.sh"), ...SHORT });
  const refused = await shell.write({ session_id: 1, chars: "text\n" });
  assert.match(textOf(refused), /^Session 1 takes no input, only \\u0003 \(Ctrl-C\)\. .*"tty": true\.$/);
  assert.deepEqual(refused.result, { ok: false });
  await shell.write({ session_id: 1, chars: "\u0003", ...SHORT });
  assert.match(
    textOf(await shell.write({ session_id: 1, chars: "\u0003", yield_time_ms: 20_000 })),
    /^exit code 9 .*\n.*interrupt 2\n/s,
  );
});

test("an interrupted wait leaves the session as it is", async (t) => {
  const shell = withShell(t);
  await shell.exec({ cmd: program("forever.sh"), ...SHORT });
  assert.deepEqual(await shell.write({ session_id: 1 }, {}, AbortSignal.abort()), {
    output: "interrupted · 0.0 s\n(no output)\n[session 1 goes on]",
    result: { ok: false, running: 1, durationMs: 0 },
  });
  assert.match(textOf(await shell.write({ session_id: 1, ...SHORT })), /^still running as session 1/);
});

test("an unknown session is answered with those there are", async (t) => {
  const shell = withShell(t);
  await shell.exec({ cmd: "sleep 1000", ...SHORT });
  assert.equal(
    textOf(await shell.write({ session_id: 7 })),
    "There is no session 7: it never was, or has ended. Open sessions: 1 (sleep 1000).",
  );
  assert.equal(
    textOf(await shell.write({})),
    'write_stdin was not run. "session_id" is missing; expected a whole number.',
  );
});

test("when there are too many sessions the least used is killed, and that is said", async (t) => {
  const shell = withShell(t, { maxSessions: 2 });
  const first = await shell.exec({ cmd: program("forever.sh"), ...SHORT });
  await shell.exec({ cmd: "sleep 1002", ...SHORT });
  await shell.write({ session_id: 1, ...SHORT });
  assert.equal(
    textOf(await shell.exec({ cmd: "sleep 1003", ...SHORT })),
    "still running as session 3 · 0.0 s\n(no output)\n[session 2 (sleep 1002) was killed to make room: at most 2 sessions are kept]",
  );
  assert.match(textOf(await shell.write({ session_id: 2 })), /Open sessions: 1 \(.+\), 3 \(sleep 1003\)\.$/);
  assert.equal(pidsIn(textOf(first)).every(isAlive), true);
});

test("one that has ended goes before one that runs", async (t) => {
  const shell = withShell(t, { maxSessions: 2 });
  const running = await shell.exec({ cmd: program("forever.sh"), ...SHORT });
  const ended = await shell.exec({ cmd: 'echo "pid $$"; sleep 0.4', ...SHORT });
  await until(() => !pidsIn(textOf(ended)).some(isAlive), "the end of the second");
  const third = await shell.exec({ cmd: "sleep 1003", ...SHORT });
  assert.match(textOf(third), /\[session 2 had ended; its last output was dropped to make room\]$/);
  assert.equal(pidsIn(textOf(running)).every(isAlive), true);
});

test("an unfinished line of a running command can be seen", async (t) => {
  const shell = withShell(t);
  await shell.exec({ cmd: "printf 'Password: '; read -r x; printf 'again: '; read -r x", tty: true, ...SHORT });
  await shell.write({ session_id: 1, chars: "one\n", ...SHORT });
  await shell.write({ session_id: 1, chars: "two\n", yield_time_ms: 20_000 });
  const other = await shell.exec({ cmd: "printf 'no end'; sleep 1000", ...SHORT });
  const seen = textOf(other).includes("no end") ? "no end" : await poll(shell, 2, /no end/);
  assert.equal(seen, "no end");
});
