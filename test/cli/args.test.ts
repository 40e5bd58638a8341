/** The command line: what is understood, what is refused and in which words. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Args, joinPrompt, type Options, parseArgs } from "../../src/cli/args.ts";
import { COMMANDS, FLAGS, FOREIGN_FLAGS, help, NOT_YET } from "../../src/cli/commands.ts";

const NONE: Options = {
  json: false,
  model: undefined,
  sandbox: undefined,
  cd: undefined,
  addDirs: [],
  skipGitRepoCheck: false,
  outputSchema: undefined,
  outputLastMessage: undefined,
  images: [],
  config: [],
  ephemeral: false,
  strictConfig: false,
  yolo: false,
  maxTurns: undefined,
  maxTokens: undefined,
  color: "auto",
  warnings: [],
};
const exec = (prompt: string | undefined, options: Partial<Options> = {}): Args => ({
  kind: "exec",
  prompt,
  options: { ...NONE, ...options },
});
const resume = (
  thread: { id: string } | { last: "here" | "anywhere" },
  prompt?: string,
  options: Partial<Options> = {},
): Args => ({ kind: "resume", thread, prompt, options: { ...NONE, ...options } });

test("these command lines are understood", () => {
  const cases: [string[], Args][] = [
    [[], { kind: "help", topic: undefined }],
    [["--help"], { kind: "help", topic: undefined }],
    [["help", "exec"], { kind: "help", topic: "exec" }],
    [["exec", "-h"], { kind: "help", topic: "exec" }],
    [["--version"], { kind: "version" }],
    [["exec", "-V"], { kind: "version" }],
    [["exec"], exec(undefined)],
    [["exec", "-"], exec("-")],
    [["e", "do it"], exec("do it")],
    [["exec", "--", "-x is not a flag"], exec("-x is not a flag")],
    [["exec", "--", "resume"], exec("resume")],
    [["-m", "a", "exec", "go", "--model=b"], exec("go", { model: "b" })],
    [["exec", "-mgpt", "-s=read-only", "go"], exec("go", { model: "gpt", sandbox: "read-only" })],
    [
      ["exec", "-c", "a=1", "--config", 'b.c="x=y"', "-cd=[]"],
      exec(undefined, { config: ["a=1", 'b.c="x=y"', "d=[]"] }),
    ],
    [["exec", "-i", "a.png,b.png", "--image", "c.png", "look"], exec("look", { images: ["a.png", "b.png", "c.png"] })],
    [["exec", "--add-dir", "/a", "--add-dir=/b"], exec(undefined, { addDirs: ["/a", "/b"] })],
    [
      ["exec", "--json", "-C", "/w", "--skip-git-repo-check", "--output-schema", "s.json", "-o", "out.txt", "go"],
      exec("go", {
        json: true,
        cd: "/w",
        skipGitRepoCheck: true,
        outputSchema: "s.json",
        outputLastMessage: "out.txt",
      }),
    ],
    [
      ["exec", "--ephemeral", "--strict-config", "--yolo", "--max-turns", "3", "--max-tokens=90000", "--color=never"],
      exec(undefined, {
        ephemeral: true,
        strictConfig: true,
        yolo: true,
        maxTurns: 3,
        maxTokens: 90_000,
        color: "never",
      }),
    ],
    [["exec", "resume", "ID"], resume({ id: "ID" })],
    [["exec", "resume", "ID", "go on"], resume({ id: "ID" }, "go on")],
    [["exec", "resume", "--last"], resume({ last: "here" })],
    [["exec", "--last", "resume", "go on", "--all"], resume({ last: "anywhere" }, "go on")],
    [["resume", "ID", "-"], resume({ id: "ID" }, "-")],
    [["resume", "--last", "--json"], resume({ last: "here" }, undefined, { json: true })],
    [["rehearse"], { kind: "rehearse", path: undefined, options: NONE }],
    [["rehearse", "./pkg", "--json"], { kind: "rehearse", path: "./pkg", options: { ...NONE, json: true } }],
  ];
  for (const [argv, args] of cases) assert.deepEqual(parseArgs(argv), args, argv.join(" "));
});

test("the way the Codex SDK calls is understood, options before resume included", () => {
  const argv = [
    ["exec", "--experimental-json", "--config", 'openai_base_url="http://localhost:1/v1"', "--model", "m"],
    ["--thread-source", "sdk", "--sandbox", "danger-full-access", "--cd", "/w", "--add-dir", "/x"],
    ["--skip-git-repo-check", "--output-schema", "/tmp/s.json", "--cyber-access-program", "none"],
    ["--config", 'model_reasoning_effort="high"', "--config", "sandbox_workspace_write.network_access=true"],
    ["resume", "ID", "--image", "a.png"],
  ].flat();
  assert.deepEqual(
    parseArgs(argv),
    resume({ id: "ID" }, undefined, {
      json: true,
      model: "m",
      sandbox: "danger-full-access",
      cd: "/w",
      addDirs: ["/x"],
      skipGitRepoCheck: true,
      outputSchema: "/tmp/s.json",
      images: ["a.png"],
      config: [
        'openai_base_url="http://localhost:1/v1"',
        'model_reasoning_effort="high"',
        "sandbox_workspace_write.network_access=true",
      ],
      warnings: [
        "--thread-source is a flag of Codex; it is ignored.",
        "--cyber-access-program is a flag of Codex; it is ignored.",
      ],
    }),
  );
});

test("flags of Codex mean what they may mean here, and never open the sandbox", () => {
  const options = (...argv: string[]): Options => {
    const args = parseArgs(["exec", ...argv]);
    assert.equal(args.kind, "exec", JSON.stringify(args));
    return (args as Args & { kind: "exec" }).options;
  };
  assert.equal(options("--full-auto").sandbox, "workspace-write");
  assert.equal(options("--full-auto", "-s", "read-only").sandbox, "read-only");
  const bypass = options("--dangerously-bypass-approvals-and-sandbox");
  assert.deepEqual([bypass.yolo, bypass.sandbox], [true, undefined]);
  assert.match(bypass.warnings[0] ?? "", /the sandbox stays/);
  for (const { name, value } of FOREIGN_FLAGS) {
    const given = options(`--${name}`, ...(value === undefined ? [] : ["x"]));
    assert.equal(given.warnings.length, 1, name);
    assert.notEqual(given.sandbox, "danger-full-access", name);
  }
});

test("these command lines are refused, in one sentence that helps", () => {
  const cases: [string[], RegExp][] = [
    [["exce", "go"], /^There is no command "exce"\. Did you mean exec\?$/],
    [["fix the tests"], /^That reads like a prompt: godwit exec/],
    [["frobnicate"], /^There is no command "frobnicate"\. godwit --help/],
    [["doctor"], /^This version of godwit does not have "doctor" yet\.$/],
    [["--json"], /^Say what to do/],
    [["--", "exec"], /^Say what to do/],
    [["exec", "--modle", "x"], /^There is no flag --modle\. Did you mean --model\?/],
    [["exec", "--jsno=1"], /^There is no flag --jsno\. Did you mean --json\?/],
    [["exec", "-x"], /^There is no flag -x\. A prompt that starts with a dash goes behind --\.$/],
    [["exec", "--__proto__"], /^There is no flag --__proto__/],
    [["exec", "--json=yes"], /^--json takes no value, but got "yes"\.$/],
    [["exec", "-m"], /^-m needs a value: -m NAME\.$/],
    [["exec", "--cd", "--json"], /^--cd needs a value: --cd DIR\.$/],
    [["exec", "--cd="], /^--cd needs a value that is not empty\.$/],
    [["exec", "-s", "read-onyl"], /^--sandbox is one of .*, not "read-onyl"\. Did you mean read-only\?$/],
    [["exec", "--color", "7"], /^--color is one of auto, always, never, not "7"\.$/],
    [["exec", "--max-turns", "0"], /^--max-turns takes a whole number from 1 on, not "0"\.$/],
    [["exec", "--max-tokens", "1e99"], /^--max-tokens takes a whole number/],
    [["exec", "--max-tokens=99999999999999999999"], /^--max-tokens takes a whole number/],
    [["exec", "-c", "model"], /^-c takes KEY=VALUE, but got "model"\.$/],
    [["exec", "-c", "=x"], /^-c takes KEY=VALUE/],
    [["exec", "fix", "the", "tests"], /^exec takes one prompt, but got 3 arguments/],
    [["exec", "--last", "x"], /^--last belongs to resume\.$/],
    [["resume"], /^Say which thread to resume: its id, or --last\.$/],
    [["exec", "resume", "--all"], /^--all goes with --last\.$/],
    [["resume", "--last", "a", "b"], /^resume takes one prompt/],
    [["rehearse", "--model", "x"], /^--model means nothing to rehearse/],
    [["rehearse", "a", "b"], /^rehearse takes one path/],
  ];
  for (const [argv, words] of cases) {
    const args = parseArgs(argv);
    assert.equal(args.kind, "usage", argv.join(" "));
    assert.match((args as Args & { kind: "usage" }).message, words);
  }
});

test("the prompt is the argument, stdin, or both", () => {
  assert.equal(joinPrompt(undefined, "from stdin\n"), "from stdin\n");
  assert.equal(joinPrompt("-", "from stdin"), "from stdin");
  assert.equal(joinPrompt("-", " \n"), "");
  assert.equal(joinPrompt(undefined, null), "");
  assert.equal(joinPrompt("typed", null), "typed");
  assert.equal(joinPrompt("typed", "\n"), "typed");
  assert.equal(joinPrompt("typed", "a\nb\n"), "typed\n\n<stdin>\na\nb\n</stdin>");
});

test("the help names every command and flag, and the main page fits a screen", () => {
  const main = help();
  assert.ok(main.split("\n").length <= 40);
  for (const { name } of COMMANDS) assert.match(main, new RegExp(`^  ${name} `, "m"));
  const page = help("exec");
  for (const { name, help: words } of FLAGS) assert.equal(page.includes(`--${name}`), words !== "", name);
  assert.equal(help("nonsense"), main);
  for (const name of NOT_YET) assert.doesNotMatch(main, new RegExp(`^  ${name} `, "m"));
  for (const text of [main, page]) for (const row of text.split("\n")) assert.ok(row.length <= 110, row);
});

test("no two flags share a name or a letter", () => {
  const flags = [...FLAGS, ...FOREIGN_FLAGS];
  const names = flags.map(({ name }) => name);
  const letters = flags.flatMap(({ short }) => (short === undefined ? [] : [short]));
  assert.equal(new Set(names).size, names.length);
  assert.equal(new Set(letters).size, letters.length);
});
