/**
 * Commands: the subcommands and flags of the command line, and the help made from them.
 *
 * Owns        the names, what they take, and the words of `--help`.
 * Is not      how argv is read (./args.ts).
 */
export type CommandName = "exec" | "resume" | "rehearse" | "help";

export interface Command {
  readonly name: CommandName;
  readonly usage: string;
  readonly help: string;
  /** Flags it takes beside --help; "all" = every one. */
  readonly flags: "all" | readonly string[];
}

export interface Flag {
  readonly name: string;
  readonly short?: string;
  /** Name of its value in the help; without one it is a switch. */
  readonly value?: string;
  /** Empty for an alias that is not shown. */
  readonly help: string;
}

export const COMMANDS: readonly Command[] = [
  {
    name: "exec",
    usage: "godwit exec [FLAGS] [PROMPT | -]",
    help: "do one task without asking back, then exit",
    flags: "all",
  },
  {
    name: "resume",
    usage: "godwit resume [FLAGS] (ID | --last) [PROMPT | -]",
    help: "go on with an earlier thread",
    flags: "all",
  },
  {
    name: "rehearse",
    usage: "godwit rehearse [FLAGS] [PATH]",
    help: "watch it work without a model: a planner migrates a copy of a package",
    flags: [
      "json",
      "experimental-json",
      "color",
      "config",
      "max-turns",
      "max-tokens",
      "output-last-message",
      "ephemeral",
    ],
  },
  { name: "help", usage: "godwit help [COMMAND]", help: "this page, or a command's own", flags: [] },
];

/** Commands of the design that this version does not have. */
export const NOT_YET: readonly string[] = [
  "fork",
  "sessions",
  "compact",
  "recall",
  "mission",
  "handover",
  "best-of",
  "serve",
  "keys",
  "mcp",
  "sandbox",
  "doctor",
  "review",
];

export const FLAGS: readonly Flag[] = [
  { name: "model", short: "m", value: "NAME", help: "model to ask" },
  { name: "sandbox", short: "s", value: "MODE", help: "read-only, workspace-write or danger-full-access" },
  { name: "cd", short: "C", value: "DIR", help: "work in this directory" },
  { name: "add-dir", value: "DIR", help: "another directory it may write to (repeatable)" },
  { name: "image", short: "i", value: "FILE", help: "send an image along (repeatable, or a list with commas)" },
  { name: "config", short: "c", value: "KEY=VALUE", help: "set a config key for this run (repeatable)" },
  { name: "json", help: "events as JSON lines on stdout" },
  { name: "experimental-json", help: "" },
  { name: "output-last-message", short: "o", value: "FILE", help: "write the final message to a file, too" },
  { name: "output-schema", value: "FILE", help: "JSON schema the final message has to follow" },
  { name: "max-turns", value: "N", help: "stop at a settled point after N requests" },
  { name: "max-tokens", value: "N", help: "stop at a settled point after N tokens" },
  { name: "ephemeral", help: "keep no log of the thread" },
  { name: "last", help: "with resume: the newest thread" },
  { name: "all", help: "with --last: of every directory, not only of this one" },
  { name: "yolo", help: "answer every approval with yes; the sandbox stays as it is" },
  { name: "skip-git-repo-check", help: "run outside a git repository as well" },
  { name: "strict-config", help: "refuse unknown config keys instead of warning" },
  { name: "color", value: "WHEN", help: "always, never or auto" },
];

/** Flags of Codex that are taken so that its callers run unchanged; each says what it means here. */
export const FOREIGN_FLAGS: readonly (Flag & { readonly as?: readonly [flag: string, value: string] })[] = [
  { name: "full-auto", help: "it means --sandbox workspace-write here", as: ["sandbox", "workspace-write"] },
  {
    name: "dangerously-bypass-approvals-and-sandbox",
    help: "it means --yolo here: approvals are answered with yes and the sandbox stays; only --sandbox danger-full-access opens it",
    as: ["yolo", ""],
  },
  { name: "approve-for-me", help: "it is ignored: nobody reviews approvals here; --yolo answers them with yes" },
  { name: "ask-for-approval", short: "a", value: "WHEN", help: "it is ignored: set approval_policy in the config" },
  { name: "dangerously-bypass-hook-trust", help: "it is ignored: hooks are never run untrusted" },
  { name: "trust", help: "it is ignored: this version trusts no project file with more rights" },
  { name: "enable", value: "FEATURE", help: "it is ignored: there are no feature switches" },
  { name: "disable", value: "FEATURE", help: "it is ignored: there are no feature switches" },
  { name: "profile", short: "p", value: "NAME", help: "it is ignored: this version has no profiles; use -c" },
  { name: "oss", help: "it is ignored: name a local server under [model_providers] and choose it with -c" },
  { name: "local-provider", value: "NAME", help: "it is ignored: choose a provider with -c model_provider=NAME" },
  { name: "worktree", help: "it is ignored: this version makes no worktrees" },
  { name: "thread-source", value: "NAME", help: "it is ignored" },
  { name: "cyber-access-program", value: "NAME", help: "it is ignored" },
  { name: "ignore-user-config", help: "it is ignored: point GODWIT_HOME at an empty folder instead" },
  { name: "ignore-rules", help: "it is ignored: this version reads no rules" },
];

/**
 * The text of `--help`: the main page, or that of one command.
 *
 * @param topic name of a command; one there is none of gives the main page.
 */
export function help(topic?: string): string {
  const command = COMMANDS.find(({ name }) => name === topic);
  return `${(command === undefined || command.name === "help" ? mainPage() : commandPage(command)).join("\n")}\n`;
}

function mainPage(): string[] {
  return [
    "Godwit is a coding agent for work that lasts: it reads, edits and tests in a directory of yours,",
    "and folds its memory when a model's context is full instead of losing it.",
    "",
    "  godwit <command> [flags]",
    "",
    "Commands",
    ...COMMANDS.map(({ name, help: words }) => `  ${name.padEnd(10)} ${words}`),
    "",
    "Flags used most (godwit help exec has all)",
    ...flagLines(FLAGS.filter(({ name }) => MAIN_FLAGS.has(name))),
    `  ${"-h, --help".padEnd(34)} this page, or the command's`,
    `  ${"-V, --version".padEnd(34)} print the version`,
    "",
    "Examples",
    '  godwit exec --sandbox danger-full-access "make the tests pass"',
    '  git diff | godwit exec -s danger-full-access "review this" > review.txt',
    '  godwit resume --last "now update the docs"',
    "",
    "Settings and threads live in $GODWIT_HOME (~/.godwit when unset).",
    "Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.",
  ];
}

const MAIN_FLAGS = new Set(["model", "sandbox", "cd", "config", "json", "output-last-message"]);

function commandPage({ usage, help: words, flags }: Command): string[] {
  const known = FLAGS.filter(({ name, help: text }) => text !== "" && (flags === "all" || flags.includes(name)));
  return [
    `${usage}`,
    "",
    `  ${words}`,
    ...(flags === "all"
      ? [
          "",
          "The prompt is the argument, or stdin where there is none or it is -. With both, stdin is added as a block.",
        ]
      : []),
    "",
    "Flags",
    ...flagLines(known),
  ];
}

const flagLines = (flags: readonly Flag[]): string[] =>
  flags.map(({ name, short, value, help: words }) => {
    const head = `${short === undefined ? "    " : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`;
    return `  ${head.padEnd(34)} ${words}`;
  });
