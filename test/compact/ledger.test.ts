import assert from "node:assert/strict";
import { test } from "node:test";
import { checkIn, checkOf } from "../../src/compact/checks.ts";
import { digestLines, thin } from "../../src/compact/digest.ts";
import { type Ledger, newLedger, step } from "../../src/compact/ledger.ts";
import { printLedger } from "../../src/compact/ledger-text.ts";
import { outcomeOf, verdictOf } from "../../src/compact/outcome.ts";
import { tokensOf } from "../../src/kit/tokens.ts";
import type { CallResult, Draft, Entry } from "../../src/thread/entry.ts";
import { answer, type Call, message } from "../../src/wire/item.ts";
import { numbered } from "../support/random-thread.ts";

let ids = 0;
/** A call and its output, as two drafts. */
function did(name: string, args: unknown, output: string, result?: CallResult): Draft[] {
  const call: Call = { type: "function_call", call_id: `c${ids++}`, name, arguments: JSON.stringify(args) };
  return [
    { kind: "item", item: call },
    { kind: "item", item: answer(call, output), ...(result ? { result } : {}) },
  ];
}

const ledgerOf = (drafts: readonly Draft[], isReverted = false): Ledger =>
  numbered(drafts).reduce<Ledger>((ledger, entry) => step(ledger, entry, isReverted), newLedger());

test("files are known by their last change, under the tools of several agents", () => {
  const patch =
    "*** Begin Patch\n*** Add File: new.ts\n+x\n*** Update File: old.ts\n*** Move to: moved.ts\n@@\n-a\n+b\n*** End Patch";
  const { files } = ledgerOf([
    {
      kind: "settings",
      model: "",
      provider: "",
      family: "",
      limit: 100,
      limitFrom: "setup",
      images: true,
      cwd: "/p",
      policy: "",
      tools: "",
    },
    ...did("Read", { file_path: "/p/a.ts" }, "text"),
    ...did("Edit", { file_path: "/p/a.ts" }, "done"),
    ...did("Read", { file_path: "/p/a.ts" }, "text"),
    ...did("Write", { file_path: "/p/b.ts" }, "done"),
    ...did("Edit", { file_path: "/p/c.ts" }, "Error: no match", { ok: false }),
    ...did("apply_patch", { patch }, "Patch applied:", {
      ok: true,
      files: [
        { path: "new.ts", change: "add" },
        { path: "old.ts", change: "update", movedTo: "moved.ts" },
      ],
    }),
    ...did("apply_patch", { input: "*** Begin Patch\n*** Delete File: gone.ts\n*** End Patch" }, "Success"),
  ]);
  const states = Object.fromEntries(Object.entries(files).map(([path, { state }]) => [path, state]));
  assert.deepEqual(states, {
    "a.ts": "edited",
    "b.ts": "created",
    "new.ts": "created",
    "moved.ts": "edited",
    "old.ts": "deleted",
    "gone.ts": "deleted",
  });
});

test("a check is told by its command and judged by its exit code", () => {
  const { checks } = ledgerOf([
    ...did("exec_command", { cmd: "npm test" }, "exit code 1 · 2.0 s\n✖ adds up (1.2ms)", { ok: false, exit: 1 }),
    ...did("exec_command", { cmd: "cd x && npm run lint" }, "exit code 0 · 1.0 s\nall good", { ok: true, exit: 0 }),
    ...did("shell", { command: ["bash", "-lc", "cargo test"] }, "Process exited with code 101\ntest a ... FAILED"),
    ...did("exec_command", { cmd: "npm test" }, "exit code 0 · 2.0 s\nerror: 0", { ok: true, exit: 0 }),
    ...did("exec_command", { cmd: "ls" }, "exit code 0 · 0.0 s", { ok: true, exit: 0 }),
  ]);
  assert.deepEqual(checks, {
    "npm run lint": { seq: 4, state: "passed", exit: 0, failing: [] },
    "cargo test": { seq: 6, state: "failed", exit: 101, failing: [] },
    "npm test": { seq: 8, state: "passed", exit: 0, failing: [] },
  });
});

test("where a pipe hides the exit code, the output decides", () => {
  const { checks } = ledgerOf(
    did("exec_command", { cmd: "go test ./... | tail -5" }, "--- FAIL: TestIt (0.00s)\nFAIL", { ok: true, exit: 0 }),
  );
  assert.deepEqual(checks["go test ./..."], { seq: 2, state: "failed", exit: null, failing: ["TestIt"] });
});

test("a command that goes on is a process until it ends, then a command", () => {
  const started = did("exec_command", { cmd: "npm run dev" }, "still running as session 3 · 10.0 s", {
    ok: true,
    running: 3,
  });
  assert.deepEqual(ledgerOf(started).processes, { 3: { command: "npm run dev", seq: 2 } });
  const ended = ledgerOf([
    ...started,
    ...did("write_stdin", { session_id: 3 }, "exit code 0 · 12.0 s", { ok: true, exit: 0 }),
  ]);
  assert.deepEqual(ended.processes, {});
  assert.equal(ended.commands["npm run dev"]?.exit, 0);
});

test("a request is done when its turn ended with an answer, open when it was cut", () => {
  const said = (text: string): Draft => ({ kind: "item", item: message("user", text) });
  const drafts: Draft[] = [
    { kind: "turn", state: "started" },
    said("one"),
    { kind: "item", item: message("assistant", "Answer one.") },
    { kind: "turn", state: "ended", outcome: "done" },
    { kind: "turn", state: "started" },
    said("two"),
    { kind: "turn", state: "ended", outcome: "interrupted" },
  ];
  assert.deepEqual(ledgerOf(drafts).requests, [
    { seq: 2, head: "one", state: "done", answer: { seq: 3, head: "Answer one." } },
    { seq: 6, head: "two", state: "open" },
  ]);
  const foreign = ledgerOf([said("one"), { kind: "item", item: message("assistant", "Yes.") }, said("two")]);
  assert.deepEqual(
    foreign.requests.map(({ state }) => state),
    ["done", "open"],
  );
});

test("what a revert hides keeps its files, marked, and loses its words and plan", () => {
  const ledger = ledgerOf(
    [
      { kind: "item", item: message("user", "do it") },
      ...did("Edit", { file_path: "a.ts" }, "ok"),
      ...did("update_plan", { plan: [{ step: "s", status: "pending" }] }, "ok"),
    ],
    true,
  );
  assert.deepEqual(ledger.files, { "a.ts": { state: "edited", seq: 3, edits: 1, reverted: true } });
  assert.equal(ledger.plan, null);
  assert.deepEqual(ledger.requests, []);
});

test("names that objects know by birth are only names", () => {
  const call: Call = { type: "function_call", call_id: "constructor", name: "toString", arguments: "null" };
  const output: Entry = { seq: 1, ts: "", kind: "item", item: answer({ ...call, call_id: "hasOwnProperty" }, "x") };
  assert.doesNotThrow(() => step(step(newLedger(), output), { ...output, seq: 2, item: call }));
  assert.doesNotThrow(() => ledgerOf(did("Edit", { file_path: "__proto__" }, "ok")));
});

test("the printed ledger keeps to its cap, puts checks, plan and changes first, and counts what it leaves out", () => {
  const drafts = Array.from({ length: 200 }, (_, n) =>
    did("Edit", { file_path: `src/folder/file-${n}.ts` }, "ok"),
  ).flat();
  drafts.push(...did("exec_command", { cmd: "npm test" }, "", { ok: false, exit: 1 }));
  drafts.push(
    ...did(
      "update_plan",
      {
        plan: [
          { step: "finish", status: "in_progress" },
          { step: "begun", status: "completed" },
        ],
      },
      "ok",
      { ok: true },
    ),
  );
  for (const cap of [150, 400, 1000, 4000]) {
    const text = printLedger(ledgerOf(drafts), cap);
    assert.ok(tokensOf(text) <= cap, `${tokensOf(text)} of ${cap}`);
    assert.match(text, /- failed: npm test, exit code 1/);
    assert.match(text, /\[>\] finish/);
    if (cap < 4000) assert.match(text, /… and \d+ more in the log/);
  }
  assert.equal(printLedger(newLedger(), 1000), "");
});

test("digest: a line a call with its outcome, and thinning that keeps failures and the newest", () => {
  const lines = digestLines(
    numbered([
      ...did("exec_command", { cmd: `cat ${"a".repeat(80)}` }, "exit code 0 · 0.0 s\nx", { ok: true, exit: 0 }),
      ...did("exec_command", { cmd: "make" }, "exit code 2 · 1.0 s\nx\nfatal error: no input", { ok: false, exit: 2 }),
      { kind: "item", item: message("assistant", "Trying   another\nway.") },
      {
        kind: "item",
        item: { type: "function_call", call_id: "open", name: "exec_command", arguments: '{"cmd":"sleep"}' },
      },
    ]),
  );
  assert.deepEqual(lines, [
    `- #1 exec_command cat ${"a".repeat(80)} → exit 0`,
    "- #3 exec_command make → exit 2: fatal error: no input",
    "- #5 said: Trying another way.",
    "- #6 exec_command sleep → no outcome yet",
  ]);
  const all = lines.reduce((sum, line) => sum + tokensOf(line) + 1, 0);
  assert.deepEqual(thin(lines, all - 1), ["- … 1 older lines are in the log only", ...lines.slice(1)]);
  assert.deepEqual(thin(lines, 500), lines);
});

test("outcomes are read from the texts that agents print", () => {
  const table: [string, { ok: boolean; exit: number | null; running: number | null }][] = [
    ["exit code 0 · 0.1 s\nhi", { ok: true, exit: 0, running: null }],
    ["Exit code: 3\nOutput:", { ok: false, exit: 3, running: null }],
    ["Chunk ID: 1\nProcess exited with code 1", { ok: false, exit: 1, running: null }],
    ["still running as session 4 · 10.0 s", { ok: true, exit: null, running: 4 }],
    ["killed by SIGKILL · 1.0 s", { ok: false, exit: null, running: null }],
    ["Patch not applied: hunk 1", { ok: false, exit: null, running: null }],
    ["some text", { ok: true, exit: null, running: null }],
  ];
  for (const [text, outcome] of table) assert.deepEqual(outcomeOf(text), outcome, text);
  assert.equal(verdictOf("Tests: 3 failed, 2 passed"), "failed");
  assert.equal(verdictOf("5 passing"), "passed");
  assert.equal(verdictOf("hello"), null);
});

test("checks are found in what people type", () => {
  const table: [string, string | null][] = [
    ["npm test", "npm test"],
    ["cd a && npm run test:unit 2>&1", "npm run test:unit"],
    ["CI=1 pytest -q", "pytest -q"],
    ["python -m unittest", "python -m unittest"],
    ["npx tsc --noEmit", "npx tsc --noEmit"],
    ["go vet ./...", "go vet ./..."],
    ["cargo clippy", "cargo clippy"],
    ["make check", "make check"],
    ["node --test test/", "node --test test/"],
    ["ls test", null],
    ["echo npm test", null],
    ["git commit -m 'npm test'", null],
    ["cat Makefile", null],
  ];
  for (const [command, check] of table) assert.equal(checkIn(command), check, command);
});

test("what is quoted, in a heredoc or a comment, or would judge nothing, is no check", () => {
  const table: [string, string | null][] = [
    ["cat > ci.sh <<EOF\nset -e\nnpm test\nEOF", null],
    ["cat > ci.sh <<-'END'\n\tnpm test\n\tEND\nchmod +x ci.sh", null],
    ['cat <<A <<"B"\nnpm test\nA\nnpm test\nB\ncargo test', "cargo test"],
    ["cat > ci.sh <<EOF && npm run lint\nnpm test\nEOF", "npm run lint"],
    ["echo 'first; npm test' && ls", null],
    ['echo "a\\" && npm test"', null],
    ['git commit -m "Run more\n\nnpm test && npm run lint"', null],
    ["git commit -m \"$(cat <<'EOF'\nDon't; npm test :)\nnpm test\nEOF\n)\" && npm run lint", "npm run lint"],
    ["out=$(npm test) || exit 1", null],
    ["echo `npm test`", null],
    ["# npm test", null],
    ["ls # it's; npm test\npytest -q", "pytest -q"],
    ["f() { npm test; }", null],
    ["npm test --help", null],
    ["pytest --collect-only -q", null],
    ["npx tsc --version && ls", null],
    ["(cd a && npm test)", "npm test"],
    ["npx vitest -t 'a > b; c' >out.txt 2>&1", "npx vitest -t 'a > b; c'"],
    ["npm test &>log", "npm test"],
    ["npm \\\ntest", "npm test"],
    ["pytest \\\n  -q", "pytest -q"],
  ];
  for (const [command, check] of table) assert.equal(checkIn(command), check, command);
});

test("no command line is too odd or too long to be read", () => {
  for (const bit of ["(", ")", "$(", '"$(', "<<E ", "\\\n", "$(<<A\n", "'\"`", " "]) {
    assert.equal(checkIn(`${bit.repeat(20_000)}x`), null);
  }
});

test("an exit code tells of a check what it can", () => {
  const table: [string, string][] = [
    ["npm test", "all"],
    ["npm test 2>&1", "all"],
    ["cd a && npm test", "all"],
    ["(cd a && npm test)", "all"],
    ["echo begin; npm test\n", "all"],
    ["npm test &>log", "all"],
    ["npm test && git push", "pass"],
    ["(cd a && npm test) && git push", "pass"],
    ["set -o pipefail; npm test 2>&1 | tail -5", "pass"],
    ["npm test | tail", "nothing"],
    ["npm test |& tail", "nothing"],
    ["npm test || true", "nothing"],
    ["npm test; echo $?", "nothing"],
    ["npm test\necho done", "nothing"],
    ["npm test &", "nothing"],
    ["(cd a && npm test) | tail", "nothing"],
    ["(cd a && npm test) 2>&1 | tail", "nothing"],
    ["npm test && echo ok || echo no", "nothing"],
    ["test -f done || npm test", "nothing"],
  ];
  for (const [command, told] of table) assert.equal(checkOf(command)?.told, told, command);
});

test("a check is recorded only where something says for sure how it ended", () => {
  const ok: CallResult = { ok: true, exit: 0 };
  const bad: CallResult = { ok: false, exit: 1 };
  const table: [command: string, output: string, result: CallResult | undefined, state: string | undefined][] = [
    ["npm run build | tail -3", "Cannot resolve module './pass'", ok, undefined],
    ["npm run build | tail -3", "0 errors\nsegmentation fault", ok, undefined],
    ["npm run build | tail -3", "made 12 files", ok, undefined],
    ["npm test || true", "something", ok, undefined],
    ["npm test || true", "Tests: 3 failed, 2 passed", ok, "failed"],
    ["npm test; echo done", "5 passing", ok, "passed"],
    ["npm test | grep -c FAIL", "5 passing", bad, "passed"],
    ["grep -q x f || npm test", "", ok, undefined],
    ["npm test && git push", "rejected", bad, undefined],
    ["npm test && git push", "", ok, "passed"],
    ["cat > ci.sh <<EOF\nnpm test\nEOF", "", ok, undefined],
    ["npm test", "exec_command was not run. Wrong arguments.", { ok: false }, undefined],
    ["npm test", "interrupted · 2.0 s\n5 passed", { ok: false, signal: "SIGTERM" }, undefined],
    ["npm test", "killed by SIGKILL · 2.0 s\nnot ok 1 - adds", { ok: false, signal: "SIGKILL" }, "failed"],
    ["npm test", "all good", undefined, "passed"],
    ["npm test", "Error: no", undefined, "failed"],
    ["npm test | tail", "all good", undefined, undefined],
  ];
  for (const [cmd, output, result, state] of table) {
    const [check] = Object.values(ledgerOf(did("exec_command", { cmd }, output, result)).checks);
    assert.equal(check?.state, state, `${cmd}: ${output}`);
  }
});

test("no process is known once the turn has ended that started it, or a later one begins", () => {
  const started = did("exec_command", { cmd: "npm run dev" }, "still running", { ok: true, running: 3 });
  const next = did("exec_command", { cmd: "npm start" }, "still running", { ok: true, running: 4 });
  for (const turn of [
    { kind: "turn", state: "ended", outcome: "done" },
    { kind: "turn", state: "started" },
  ] as const) {
    assert.deepEqual(ledgerOf([...started, turn]).processes, {});
    assert.deepEqual(ledgerOf([...started, turn], true).processes, {});
    assert.deepEqual(ledgerOf([...started, turn, ...next]).processes, { 4: { command: "npm start", seq: 5 } });
  }
});
