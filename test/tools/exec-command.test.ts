import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { isAlive, pidsIn, program, tempFolder, until } from "../sandbox/with-run.ts";
import { textOf, withShell } from "./shell.ts";

test("a command is answered with its exit code and output", async (t) => {
  const { exec } = withShell(t);
  assert.deepEqual(await exec({ cmd: "echo hello" }), {
    output: "exit code 0 · 0.0 s\nhello\n",
    result: { ok: true, exit: 0, durationMs: 0 },
  });
  assert.deepEqual(await exec({ cmd: "exit 3" }), {
    output: "exit code 3 · 0.0 s\n(no output)",
    result: { ok: false, exit: 3, durationMs: 0 },
  });
  assert.deepEqual(await exec({ cmd: "kill -KILL $$" }), {
    output: "killed by SIGKILL · 0.0 s\n(no output)",
    result: { ok: false, signal: "SIGKILL", durationMs: 0 },
  });
});

test("the time it took is the clock's", async (t) => {
  const times = [1000];
  const { exec } = withShell(t, { now: () => times.pop() ?? 3460 });
  assert.deepEqual(await exec({ cmd: "sleep 1000", yield_time_ms: 250 }), {
    output: "still running as session 1 · 2.5 s\n(no output)",
    result: { ok: true, running: 1, durationMs: 2460 },
  });
});

test("folder, shell and login are as asked for", async (t) => {
  const { exec } = withShell(t);
  const folder = tempFolder(t);
  const pwd = { cmd: "pwd; shopt -q login_shell && echo login || echo plain" };
  assert.equal(textOf(await exec({ ...pwd, workdir: folder })), `exit code 0 · 0.0 s\n${folder}\nplain\n`);
  assert.equal(
    textOf(await exec({ ...pwd, workdir: "../etc", login: true }, { cwd: "/usr" })),
    "exit code 0 · 0.0 s\n/etc\nlogin\n",
  );
  assert.equal(textOf(await exec({ cmd: "echo $0", shell: "/bin/sh" })), "exit code 0 · 0.0 s\n/bin/sh\n");
});

test("a folder that is not there is an answer", async (t) => {
  const answer = await withShell(t).exec({ cmd: "ls", workdir: "/nope" });
  assert.equal(textOf(answer), "exit code 127 · 0.0 s\nCannot start /bin/bash: there is no folder /nope\n");
  assert.deepEqual(answer.result, { ok: false, exit: 127, durationMs: 0 });
});

test("a program that reads its input does not wait for one", async (t) => {
  assert.equal(textOf(await withShell(t).exec({ cmd: "cat; echo done" })), "exit code 0 · 0.0 s\ndone\n");
});

test("long output is cut, with exact counts and a file that holds all of it", async (t) => {
  const { output, result } = await withShell(t).exec({ cmd: "seq 1 100000", max_output_tokens: 300 });
  const text = String(output);
  const all = Array.from({ length: 100_000 }, (_, index) => `${index + 1}\n`).join("");
  assert.ok(Buffer.byteLength(text) <= 1200);
  const [, head = "", tokens, lines, file = "", tail = ""] =
    /^exit code 0 · 0\.0 s\n([\s\S]*)\[… (\d+) tokens in (\d+) lines left out; the whole output is in (\S+) …\]\n([\s\S]*)$/.exec(
      text,
    ) ?? [];
  assert.ok(all.startsWith(head) && all.endsWith(tail) && head.length > 100 && tail.length > 100);
  assert.equal(Number(tokens), Math.ceil((all.length - head.length - tail.length) / 4));
  assert.equal(Number(lines), 100_000 - head.split("\n").length - tail.split("\n").length + 2);
  assert.equal(readFileSync(file, "utf8"), all);
  assert.deepEqual(result, { ok: true, exit: 0, durationMs: 0, whole: file });
});

test("output that is too much for the memory is counted exactly too", async (t) => {
  const { exec } = withShell(t, {}, { bufferBytes: 20_000 });
  const { output, result } = await exec({ cmd: "seq 1 100000" }, { outputTokens: 500 });
  const all = Array.from({ length: 100_000 }, (_, index) => `${index + 1}\n`).join("");
  const [, head = "", tokens, lines, tail = ""] =
    /^.*\n([\s\S]*)\[… (\d+) tokens in (\d+) lines left out; .*\]\n([\s\S]*)$/.exec(String(output)) ?? [];
  assert.equal(Number(tokens), Math.ceil((all.length - head.length - tail.length) / 4));
  assert.equal(Number(lines), 100_000 - head.split("\n").length - tail.split("\n").length + 2);
  assert.equal(readFileSync(result.whole ?? "", "utf8"), all);
});

test("the model cannot ask for more than the cap", async (t) => {
  const { output } = await withShell(t).exec({ cmd: "seq 1 9999", max_output_tokens: 5000 }, { outputTokens: 200 });
  assert.ok(Buffer.byteLength(String(output)) <= 800);
});

test("secrets are masked in the answer and in the file", async (t) => {
  const { exec } = withShell(t, {}, { mask: (text) => text.replaceAll("tr0ub4dor", "[secret:PW]") });
  const { output, result } = await exec({ cmd: "yes 'pw tr0ub4dor' | head -n 3000" }, { outputTokens: 300 });
  assert.match(String(output), /^exit code 0 .*\npw \[secret:PW\]\n/);
  assert.doesNotMatch(String(output), /tr0ub4dor/);
  assert.equal(readFileSync(result.whole ?? "", "utf8"), "pw [secret:PW]\n".repeat(3000));
});

test("binary output is named with its true size", async (t) => {
  const { exec } = withShell(t);
  assert.equal(
    textOf(await exec({ cmd: "printf 'GIF89a\\0\\1\\377\\0'" })),
    "exit code 0 · 0.0 s\n(binary output, 10 bytes)\nGIF89a",
  );
  assert.match(
    textOf(await exec({ cmd: "head -c 3000000 /dev/zero" })),
    /^exit code 0 · 0\.0 s\n\(binary output, 3000000 bytes\)$/,
  );
});

test("an abort kills the whole tree and tells the output so far", async (t) => {
  const { exec } = withShell(t);
  const abort = new AbortController();
  let seen = "";
  const answer = exec({ cmd: program("fork-children.sh") }, { progress: (text) => (seen += text) }, abort.signal);
  await until(() => pidsIn(seen).length === 5, "five pids");
  abort.abort();
  const { output, result } = await answer;
  assert.match(String(output), /^interrupted · 0\.0 s\npid \d+\n/);
  assert.deepEqual(result, { ok: false, signal: "SIGTERM", durationMs: 0 });
  assert.equal(pidsIn(String(output)).length, 5);
  assert.deepEqual(pidsIn(String(output)).filter(isAlive), []);
});

test("an abort before the start starts nothing", async (t) => {
  const folder = tempFolder(t);
  const answer = await withShell(t).exec({ cmd: "touch made" }, { cwd: folder }, AbortSignal.abort());
  assert.deepEqual(answer, { output: "interrupted · 0.0 s\n(not started)", result: { ok: false } });
  assert.throws(() => readFileSync(`${folder}/made`));
});

test("progress tells all short output, and a flood only now and then", async (t) => {
  const { exec } = withShell(t, { now: Date.now });
  const told: string[] = [];
  await exec({ cmd: "echo one; sleep 0.3; echo two; sleep 0.3" }, { progress: (text) => told.push(text) });
  assert.equal(told.join(""), "one\ntwo\n");
  told.length = 0;
  const startedAt = Date.now();
  await exec({ cmd: `${program("spam-stdout.sh")} 50000000` }, { progress: (text) => told.push(text) });
  assert.ok(told.length <= 2 + (Date.now() - startedAt) / 100, `told ${told.length} times`);
  assert.ok(told.every((text) => text.length <= 4096));
});

test("a patch in the command may be answered without the shell", async (t) => {
  const seen: string[] = [];
  const { exec } = withShell(t, {
    async patch(cmd, cwd) {
      seen.push(`${cwd}: ${cmd}`);
      return cmd.startsWith("apply_patch") ? { output: "patched", result: { ok: true } } : null;
    },
  });
  assert.deepEqual(await exec({ cmd: "apply_patch x", workdir: "usr" }), { output: "patched", result: { ok: true } });
  assert.equal(textOf(await exec({ cmd: "echo no patch" })), "exit code 0 · 0.0 s\nno patch\n");
  assert.deepEqual(seen, ["/usr: apply_patch x", "/: echo no patch"]);
});

test("a patch in the command can be interrupted as one", async (t) => {
  const signals: AbortSignal[] = [];
  const { exec } = withShell(t, {
    async patch(_cmd, _cwd, signal) {
      signals.push(signal);
      return { output: "patched", result: { ok: true } };
    },
  });
  const stop = new AbortController();
  await exec({ cmd: "apply_patch x" }, {}, stop.signal);
  assert.deepEqual(signals, [stop.signal]);
});

test("sessions are numbered from the first number on that is given", async (t) => {
  const { exec, write } = withShell(t, { firstSession: 41 });
  for (const number of [41, 42]) {
    const { result } = await exec({ cmd: "sleep 1000", yield_time_ms: 250 });
    assert.equal(result.running, number);
  }
  assert.match(textOf(await write({ session_id: 1 })), /^There is no session 1: /);
});

test("bad arguments are answered with a sentence", async (t) => {
  const { exec } = withShell(t);
  assert.deepEqual(await exec({}), {
    output: 'exec_command was not run. "cmd" is missing; expected a string.',
    result: { ok: false },
  });
  assert.match(
    textOf(await exec({ cmd: "ls", tty: "yes" })),
    /^exec_command was not run\. "tty" is a string; expected true or false\.$/,
  );
  assert.match(textOf(await exec("ls -l")), /^exec_command was not run\. The arguments are not valid JSON/);
});

test("a call is described in one line, whatever it is", (t) => {
  const { execCommand, writeStdin } = withShell(t);
  assert.equal(execCommand.describe('{"cmd":"echo a\\n  echo b"}'), "echo a echo b");
  assert.equal(execCommand.describe("{broken"), "{broken");
  assert.equal(writeStdin.describe('{"session_id":3,"chars":"y\\n"}'), 'session 3 < "y\\n"');
  assert.equal(writeStdin.describe('{"session_id":3}'), "wait for session 3");
});
