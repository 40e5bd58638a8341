/** What the planner answers to items made by hand. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { plan } from "../../src/rehearsal/planner.ts";
import type { Reply } from "../../src/rehearsal/reply.ts";
import { type Item, message } from "../../src/wire/item.ts";
import { TASK, TOOLS } from "./drive.ts";

const task = message("user", TASK);
const ask = (...input: Item[]): Promise<Reply> => plan({ input, tools: TOOLS });

let ids = 0;
/** One step: what was said, one call of a tool, and its answer. */
function step(said: string, name: string, input: string | object, output: string): Item[] {
  const call_id = `c${ids++}`;
  const spoken: Item[] = said === "" ? [] : [message("assistant", said)];
  if (name === "apply_patch") {
    return [
      ...spoken,
      { type: "custom_tool_call", call_id, name, input: String(input) },
      { type: "custom_tool_call_output", call_id, output },
    ];
  }
  const args = JSON.stringify(typeof input === "string" ? { cmd: input } : input);
  return [
    ...spoken,
    { type: "function_call", call_id, name, arguments: args },
    { type: "function_call_output", call_id, output },
  ];
}

const SURVEY = "node -e '/* survey */ …' 0";
const HEAD = { node: "26.1.0", name: "p", test: "node --test", hooks: false, git: "clean" };
const surveyOutput = (lines: readonly string[], head: object = {}): string =>
  `exit code 0 · 0.1 s\n${JSON.stringify({ files: lines.length, from: 0, to: lines.length, ...HEAD, ...head })}\n${lines.join("\n")}\n`;
const survey = (lines: readonly string[], head: object = {}): Item[] =>
  step("", "exec_command", SURVEY, surveyOutput(lines, head));
const green = "exit code 0 · 0.5 s\n✔ a\nℹ pass 3\nℹ fail 0\n";
const red = "exit code 1 · 0.5 s\n✖ a\nℹ pass 2\nℹ fail 1\nTypeError [Error]: x is not a function\n";
const testsBefore = (output = green): Item[] =>
  step("First the tests as they are.", "exec_command", "node --test", output);
const FILES = ["a.js\tcjs\tnamed\tb.js", "b.js\tcjs\tnamed\t"];
const PLAN = [
  { step: "Convert the root (2 files)", status: "in_progress" },
  {
    step: "Compare with the tests before: exit code 0, 3 passed, 0 failed; git clean; 2 CommonJS files",
    status: "pending",
  },
  { step: "Run the tests a last time", status: "pending" },
];
const planned = (): Item[] => step("", "update_plan", { plan: PLAN }, "plan updated");
const read = (file: string, text: string): Item[] =>
  step(
    "",
    "exec_command",
    `wc -l < '${file}' && sed -n '1,150p' '${file}'`,
    `exit code 0 · 0.0 s\n${text.split("\n").length - 1}\n${text}`,
  );
const commandOf = (reply: Reply, index = 0): string => JSON.parse(reply.calls[index]!.input).cmd;

const stepsOf = (input: string): { step: string; status: string }[] => JSON.parse(input).plan;
const withTests = (output: string): Item[] => step("Now the tests with: b.js", "exec_command", "node --test", output);

test("first it says what it is and looks at the package", async () => {
  const reply = await ask(
    message("developer", "Permissions."),
    message("user", "<environment_context>x</environment_context>"),
    task,
  );
  assert.match(reply.text, /not a language model/);
  assert.equal(reply.calls.length, 1);
  assert.match(commandOf(reply), /^node -e '\/\* survey \*\//);
});

test("a survey of several pages is asked for to its end", async () => {
  const page = step("", "exec_command", SURVEY, surveyOutput(FILES).replace('"files":2', '"files":9'));
  assert.match(commandOf(await ask(task, ...page)), /' 2$/);
});

test("the tests run before anything is changed", async () => {
  assert.equal(commandOf(await ask(task, ...survey(FILES))), "node --test");
});

test("a plan is made, and the file that is required is read before the one that requires it", async () => {
  const reply = await ask(task, ...survey(FILES), ...testsBefore());
  assert.deepEqual(
    reply.calls.map((call) => call.name),
    ["update_plan", "exec_command"],
  );
  assert.match(commandOf(reply, 1), /'b\.js'/);
  const steps = JSON.parse(reply.calls[0]!.input).plan.map((one: { step: string }) => one.step);
  assert.deepEqual(steps, [
    "Convert the root (2 files)",
    'Set "type": "module" in package.json',
    PLAN[2]!.step,
    PLAN[1]!.step,
  ]);
});

test("a file that was read is patched, as a custom tool or as a function", async () => {
  const items = [task, ...survey(FILES), ...testsBefore(), ...planned(), ...read("b.js", "exports.b = 1;\n")];
  const patch = "*** Begin Patch\n*** Update File: b.js\n@@\n-exports.b = 1;\n+export const b = 1;\n*** End Patch";
  assert.deepEqual((await ask(...items)).calls, [{ kind: "custom", name: "apply_patch", input: patch }]);
  const tools = [{ type: "function", name: "apply_patch", parameters: { properties: { patch: {} } } }, TOOLS[0]];
  const reply = await plan({ input: items, tools });
  assert.deepEqual(reply.calls.at(-1), { kind: "function", name: "apply_patch", input: JSON.stringify({ patch }) });
});

const patched = (): Item[] =>
  step(
    "",
    "apply_patch",
    "*** Begin Patch\n*** Update File: b.js\n@@\n-exports.b = 1;\n+export const b = 1;\n*** End Patch",
    "Patch applied:\nM b.js",
  );

test("after a patch come the tests, and when they fail the file is put back and noted", async () => {
  const before = [task, ...survey(FILES), ...testsBefore(), ...planned(), ...patched()];
  const asked = await ask(...before);
  assert.equal(asked.text, "Now the tests with: b.js");
  const reply = await ask(...before, ...step(asked.text, "exec_command", commandOf(asked), red));
  assert.deepEqual(
    reply.calls.map((call) => call.name),
    ["exec_command", "update_plan"],
  );
  assert.equal(commandOf(reply), "git checkout -- 'b.js'");
  assert.match(
    reply.calls[1]!.input,
    /Report b\.js as left: the tests fail with it: TypeError \[Error\]: x is not a function/,
  );
});

test("without a clean git tree it takes the patch back", async () => {
  const items = [task, ...survey(FILES, { git: "changed" }), ...testsBefore(), ...patched()];
  const reply = await ask(...items, ...step("Now the tests with: b.js", "exec_command", "node --test", red));
  assert.match(
    reply.calls[0]!.input,
    /^-export const b = 1;\n\+exports\.b = 1;$|^\+exports\.b = 1;\n-export const b = 1;$/m,
  );
});

test("tests that failed before are held against no file, new failures are", async () => {
  const items = [task, ...survey(FILES), ...testsBefore(red), ...patched()];
  const same = await ask(...items, ...step("Now the tests with: b.js", "exec_command", "node --test", red));
  assert.match(commandOf(same, 1), /'a\.js'/);
  const worse = await ask(
    ...items,
    ...step("Now the tests with: b.js", "exec_command", "node --test", red.replace("fail 1", "fail 2")),
  );
  assert.match(commandOf(worse), /^git checkout/);
});

const NAMED_RED = `exit code 1 · 0.5 s
✖ old (1.2ms)
ℹ pass 2
ℹ fail 1
✖ failing tests:
✖ old (1.2ms)
  TypeError [Error]: always there
`;

test("a file is left for the first failure that is new, not for one that had always been there", async () => {
  const fresh = "✖ fresh (0.3ms)\n  AssertionError [ERR_ASSERTION]: now broken\n";
  const crash = "file:///p/a.test.js:1\nSyntaxError: no export\n    at x\n✖ a.test.js (9ms)\n";
  for (const [said, more, reason] of [
    ["as seen", `${NAMED_RED}${fresh}`, "AssertionError [ERR_ASSERTION]: now broken"],
    [
      "as seen",
      `${NAMED_RED}✖ twin (0.3ms)\n  TypeError [Error]: always there\n`,
      "twin: TypeError [Error]: always there",
    ],
    ["as seen", NAMED_RED.replace("✖ old", `${crash}✖ old`), "SyntaxError: no export"],
    ["after a fold", `${NAMED_RED}${fresh}`, "AssertionError [ERR_ASSERTION]: now broken"],
  ] as const) {
    const before = [...survey(FILES), ...testsBefore(NAMED_RED)];
    const { calls } = await ask(task, ...before);
    const told = step("", "update_plan", JSON.parse(calls[0]!.input), "plan updated");
    const known = said === "as seen" ? before : [RECORD([]), ...told, ...survey(FILES)];
    const reply = await ask(task, ...known, ...patched(), ...withTests(more.replace("fail 1", "fail 2")));
    assert.match(reply.calls[1]!.input, /Report b\.js as left/, said);
    assert.ok(
      stepsOf(reply.calls[1]!.input).some(({ step }) => step.endsWith(`with it: ${reason}`)),
      reply.calls[1]!.input,
    );
  }
  const many = Array.from({ length: 6 }, (_, index) => `✖ old ${index} (1ms)\n`).join("");
  const red = `exit code 1 · 0.5 s\n${many}ℹ pass 2\nℹ fail 6\nTypeError: always there\n`;
  const items = [
    task,
    ...survey(FILES),
    ...testsBefore(red),
    ...patched(),
    ...withTests(red.replace("fail 6", "fail 7")),
  ];
  assert.match((await ask(...items)).calls[1]!.input, /with it: 1 more test fails than before/);
});

test("without one passing test it converts nothing, and says what is missing", async () => {
  for (const [output, reason] of [
    [
      "exit code 127 · 0.2 s\n> p@1.0.0 test\n> jest\n\nsh: 1: jest: not found\n",
      "jest: not found (exit code 127): install the package's dependencies first",
    ],
    [
      "exit code 127 · 0.2 s\nsh: line 1: mocha: command not found\n",
      "mocha: command not found (exit code 127): install",
    ],
    [
      "exit code 1 · 0.2 s\nError: Cannot find module 'chai'\n✖ a.js (3ms)\nℹ pass 0\nℹ fail 1\n",
      "Error: Cannot find module 'chai' (exit code 1): install",
    ],
    [
      "exit code 1 · 0.2 s\n✖ a (3ms)\nℹ pass 0\nℹ fail 1\nTypeError: x\n",
      "no test passes before any change (exit code 1, 0 passed, 1 failed): TypeError: x",
    ],
    ["exit code 0 · 0.2 s\nℹ pass 0\nℹ fail 0\n", "no test passes before any change (exit code 0, 0 passed, 0 failed)"],
  ] as const) {
    const { calls, text } = await ask(task, ...survey(FILES), ...testsBefore(output));
    assert.deepEqual(calls, []);
    assert.ok(text.startsWith(`p: ${reason}`), text);
    assert.match(text, /I convert nothing/);
  }
});

test("plan and report tell the same: what was left is counted, and a type that is not set is not ticked", async () => {
  const files = ["lib/a.js\tcjs\tnamed\tlib/b.js", "lib/b.js\tcjs\tnamed\t"];
  const now = ["lib/a.js\tesm\tnamed\t\tentry file", "lib/b.js\tcjs\tnamed\t"];
  const user = message("user", `${TASK} But leave lib/b.js as it is.`);
  const first = await ask(user, ...survey(files), ...testsBefore());
  const told = step("", "update_plan", JSON.parse(first.calls[0]!.input), "plan updated");
  const done = [user, ...survey(now, { engines: ">=18" }), ...told];
  const last = await ask(...done);
  const tested = [...done, ...step(last.text, "exec_command", "node --test", green)];
  const closing = await ask(...tested);
  assert.deepEqual(stepsOf(closing.calls[0]!.input), [
    { step: "Convert lib (1 of 2, 1 left)", status: "completed" },
    { step: 'Leave "type" unset in package.json, since some files stay CommonJS', status: "completed" },
    { step: "Run the tests a last time", status: "completed" },
    { step: "Report lib/b.js as left: you asked for it", status: "completed" },
    { step: PLAN[1]!.step, status: "completed" },
  ]);
  const { text } = await ask(...tested, ...step("", "update_plan", JSON.parse(closing.calls[0]!.input), "ok"));
  assert.match(text, /Converted to ES modules: 1 of 2 files/);
  assert.match(text, /MODULE_TYPELESS_PACKAGE_JSON: silence it with NODE_OPTIONS=--disable-warning=/);
  assert.match(
    text,
    /^Node: the tests ran on 26\.1\.0 alone; the conversion needs 20\.19, 22\.12 or newer .*">=18" \}$/m,
  );
  assert.match(text, /^Entries: require\(\) of lib\/a\.js gives the same/m);
});

test("a refused patch is tried again after another look, then the file is left", async () => {
  const refused = (): Item[] =>
    step("", "apply_patch", "*** Begin Patch\n*** Update File: b.js\n*** End Patch", "Patch not applied: hunk 1");
  const start = [
    task,
    ...survey(FILES),
    ...testsBefore(),
    ...planned(),
    ...read("b.js", "exports.b = 1;\n"),
    ...refused(),
  ];
  assert.match(commandOf(await ask(...start), 1), /'b\.js'/);
  const reply = await ask(...start, ...read("b.js", "exports.b = 2;\n"), ...refused());
  assert.match(reply.text, /^I leave b\.js: the patch was refused twice\./);
  assert.match(reply.calls[0]!.input, /Report b\.js as left/);
});

test("what cannot be converted is left with its reason, and the next file is read in the same step", async () => {
  const items = [task, ...survey(FILES), ...testsBefore(), ...planned(), ...read("b.js", "if (x) exports.b = 1;\n")];
  const reply = await ask(...items);
  assert.match(reply.text, /I leave b\.js: sets exports\.b inside a function/);
  assert.deepEqual(
    reply.calls.map((call) => call.name),
    ["update_plan", "exec_command"],
  );
  assert.match(commandOf(reply, 1), /'a\.js'/);
});

const LEDGER = (lines: readonly string[]): Item =>
  message("user", `Ledger, kept by code from the log.\nPlan #9:\n${lines.join("\n")}`);
const RECORD = (lines: readonly string[]): Item =>
  message(
    "user",
    `Record of earlier work. This is a record, not an order: x\nSteps:\n${lines.map((line, index) => `- #${index} ${line}`).join("\n")}`,
  );

test("after a fold it surveys once more, and then tests the patch that stands in the tail", async () => {
  const folded = [
    task,
    RECORD(["exec_command node --test → exit 0"]),
    LEDGER(PLAN.map((one) => `[ ] ${one.step}`)),
    ...patched(),
  ];
  assert.match(commandOf(await ask(...folded)), /^node -e/);
  const reply = await ask(...folded, ...survey(["a.js\tcjs\tnamed\tb.js", "b.js\tesm\tnamed\t"]));
  assert.equal(reply.text, "Now the tests with: b.js");
});

test("after a fold it knows the files it left, from the ledger or from the record", async () => {
  const left = "[ ] Report b.js as left: uses exports as a value";
  const said = "said: I leave b.js: uses exports as a value. Reading a.js";
  for (const view of [
    [RECORD([]), LEDGER([...PLAN.map((one) => `[ ] ${one.step}`), left])],
    [RECORD([`said: ${PLAN[1]!.step}.`, said]), LEDGER([])],
  ]) {
    const reply = await ask(task, ...view, ...survey(FILES));
    assert.match(commandOf(reply, reply.calls.length - 1), /'a\.js'/);
  }
});

test("when all is done it runs the tests a last time and reports", async () => {
  const done = [task, ...survey(["a.js\tesm\tnamed\t", "b.js\tesm\tnamed\t"], { type: "module" }), ...planned()];
  const last = await ask(...done);
  assert.equal(last.text, "Last, the tests once more.");
  const tested = [...done, ...step(last.text, "exec_command", "node --test", green)];
  const closing = await ask(...tested);
  assert.deepEqual(
    closing.calls.map(({ name }) => name),
    ["update_plan"],
  );
  assert.deepEqual(
    stepsOf(closing.calls[0]!.input).map(({ status }) => status),
    ["completed", "completed", "completed", "completed"],
  );
  const reply = await ask(...tested, ...step(closing.text, "update_plan", JSON.parse(closing.calls[0]!.input), "ok"));
  assert.deepEqual(reply.calls, []);
  assert.equal(reply.text.split("\n")[0], "Rehearsal report. Written by rules, not by a language model.");
  assert.match(reply.text, /Converted to ES modules: 2 of 2 files\nLeft as it was: nothing/);
});

test("a file you ask to leave alone is left alone", async () => {
  const reply = await ask(message("user", `${TASK} But leave b.js as it is.`), ...survey(FILES), ...testsBefore());
  assert.match(commandOf(reply, 1), /'a\.js'/);
  assert.match(reply.calls[0]!.input, /Report b\.js as left: you asked for it/);
});

test("tests that still run are waited for", async () => {
  const tools = [...TOOLS, { type: "function", name: "write_stdin" }];
  const input = [task, ...survey(FILES), ...testsBefore("still running as session 4 · 10.0 s\n")];
  const reply = await plan({ input, tools });
  assert.deepEqual(reply.calls, [{ kind: "function", name: "write_stdin", input: '{"session_id":4,"chars":""}' }]);
  const after = await plan({
    input: [...input, ...step("", "write_stdin", { session_id: 4, chars: "" }, green)],
    tools,
  });
  assert.deepEqual(
    after.calls.map((call) => call.name),
    ["update_plan", "exec_command"],
  );
});

test("another task gets a short honest answer", async () => {
  for (const text of ["What is the capital of France?", "Write a parser."]) {
    const reply = await ask(message("user", text));
    assert.deepEqual(reply.calls, []);
    assert.match(reply.text, /not a language model/);
  }
  assert.match((await plan({ input: TASK, tools: [] })).text, /I need the tools/);
});

test("a package it cannot work on gets one sentence", async () => {
  for (const [head, answer] of [
    [{ error: "ENOENT" }, /no package\.json/],
    [{ test: null }, /no test script/],
  ] as const) {
    assert.match((await ask(task, ...survey(FILES, head))).text, answer);
  }
  assert.match((await ask(task, ...survey(["a.js\tesm\tnamed\t"]))).text, /no CommonJS file is left/);
});

test("it ends when nothing it asks for is done", async () => {
  const denied = Array.from({ length: 6 }, () => step("", "exec_command", "x", "denied by policy")).flat();
  const reply = await ask(task, ...denied);
  assert.deepEqual(reply.calls, []);
  assert.match(reply.text, /Stopped early: my commands are not run: denied by policy/);
  const blind = Array.from({ length: 4 }, () =>
    step("", "exec_command", SURVEY, "exit code 127 · 0 s\nnode: not found"),
  ).flat();
  assert.match((await ask(task, ...blind)).text, /Stopped early/);
});

test("the same items give the same reply", async () => {
  const items = [task, ...survey(FILES), ...testsBefore(), ...planned(), ...read("b.js", "exports.b = 1;\n")];
  assert.deepEqual(await ask(...items), await ask(...structuredClone(items)));
});
