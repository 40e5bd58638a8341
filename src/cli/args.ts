/**
 * Args: argv as one value that says what to do.
 *
 * Owns        the grammar: flags may stand anywhere, before the subcommand too; `--` ends them; `--flag=value`,
 *             `-f value`, `-fvalue` and `-f=value` mean the same; the last of a flag that is no list counts.
 * Is not      the reader of config: `config` holds KEY=VALUE as typed.
 * Invariants  1. Never throws: what can't be understood is `usage`, one sentence, for exit code 2.
 */
import { nearest } from "../kit/nearest.ts";
import { COMMANDS, FLAGS, type Flag, FOREIGN_FLAGS, NOT_YET } from "./commands.ts";

export type SandboxMode = "read-only" | "workspace-write" | "danger-full-access";
export type ColorChoice = "auto" | "always" | "never";

/** What the flags of `exec`, `resume` and `rehearse` say; what was not said is undefined, false or empty. */
export interface Options {
  readonly json: boolean;
  readonly model: string | undefined;
  readonly sandbox: SandboxMode | undefined;
  readonly cd: string | undefined;
  readonly addDirs: readonly string[];
  readonly skipGitRepoCheck: boolean;
  readonly outputSchema: string | undefined;
  readonly outputLastMessage: string | undefined;
  readonly images: readonly string[];
  /** KEY=VALUE each, in order. */
  readonly config: readonly string[];
  readonly ephemeral: boolean;
  readonly strictConfig: boolean;
  readonly yolo: boolean;
  readonly maxTurns: number | undefined;
  readonly maxTokens: number | undefined;
  readonly color: ColorChoice;
  /** One sentence for each flag that means something else here, to be shown before the turn. */
  readonly warnings: readonly string[];
}

export type Args =
  /** `prompt` undefined or "-" = from stdin; see `joinPrompt`. */
  | { readonly kind: "exec"; readonly prompt: string | undefined; readonly options: Options }
  | {
      readonly kind: "resume";
      /** Id of a thread, or the newest one: of this directory, or of any. */
      readonly thread: { readonly id: string } | { readonly last: "here" | "anywhere" };
      readonly prompt: string | undefined;
      readonly options: Options;
    }
  | { readonly kind: "rehearse"; readonly path: string | undefined; readonly options: Options }
  | { readonly kind: "help"; readonly topic: string | undefined }
  | { readonly kind: "version" }
  | { readonly kind: "usage"; readonly message: string };

/**
 * Read the command line.
 *
 * @param argv what follows the program's name.
 */
export function parseArgs(argv: readonly string[]): Args {
  const read = readFlags(argv);
  if (read.message !== undefined) return usage(read.message);
  const { words, values, literal } = read;
  if (values.has("version")) return { kind: "version" };
  // Words after `--` are never commands.
  const commands = words.slice(0, words.length - literal);
  const [first, second] = commands;
  if (first === "help") return { kind: "help", topic: second };
  if (values.has("help")) return { kind: "help", topic: first };
  if (first === undefined)
    return words.length === 0 && values.size === 0 ? { kind: "help", topic: undefined } : noCommand();
  if (first === "exec" || first === "e") {
    return second === "resume" ? resume(words.slice(2), values) : exec(words.slice(1), values);
  }
  if (first === "resume") return resume(words.slice(1), values);
  if (first === "rehearse") return rehearse(words.slice(1), values);
  return unknownCommand(first);
}

/**
 * The prompt from the argument and from stdin.
 *
 * @param argument undefined or "-" = stdin is the prompt.
 * @param stdin    all of it; null when it was not read.
 * @returns        the prompt; empty when there is none.
 */
export function joinPrompt(argument: string | undefined, stdin: string | null): string {
  const typed = stdin ?? "";
  if (argument === undefined || argument === "-") return typed.trim() === "" ? "" : typed;
  if (typed.trim() === "") return argument;
  return `${argument}\n\n<stdin>\n${typed.replace(/\n$/, "")}\n</stdin>`;
}

type Values = ReadonlyMap<string, readonly string[]>;
type Read =
  | { readonly message: string }
  | { readonly message?: undefined; readonly words: string[]; readonly literal: number; readonly values: Values };

const ALWAYS: readonly Flag[] = [
  { name: "help", short: "h", help: "" },
  { name: "version", short: "V", help: "" },
];
const ALL_FLAGS = [...ALWAYS, ...FLAGS, ...FOREIGN_FLAGS];
const FLAG_NAMES = ALL_FLAGS.filter(({ name, help }) => help !== "" || name === "help" || name === "version").map(
  ({ name }) => `--${name}`,
);

const usage = (message: string): Args => ({ kind: "usage", message });
const noCommand = (): Args => usage("Say what to do: godwit exec, resume or rehearse. godwit --help has more.");

/** Part flags from words. */
function readFlags(argv: readonly string[]): Read {
  const words: string[] = [];
  const values = new Map<string, string[]>();
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] as string;
    if (word === "--") {
      const rest = argv.slice(index + 1);
      return { words: [...words, ...rest], literal: rest.length, values };
    }
    if (!word.startsWith("-") || word === "-") {
      words.push(word);
      continue;
    }
    const { flag, inline } = splitFlag(word);
    if (flag === undefined) return { message: unknownFlag(word) };
    const shown = word.startsWith("--") ? `--${flag.name}` : `-${flag.short}`;
    let value = inline;
    if (flag.value === undefined) {
      if (value !== undefined) return { message: `${shown} takes no value, but got "${value}".` };
    } else if (value === undefined) {
      const next = argv[index + 1];
      if (next === undefined || (next.startsWith("-") && next !== "-")) {
        return { message: `${shown} needs a value: ${shown} ${flag.value}.` };
      }
      value = next;
      index++;
    }
    values.set(flag.name, [...(values.get(flag.name) ?? []), value ?? ""]);
  }
  return { words, literal: 0, values };
}

function splitFlag(word: string): { flag: Flag | undefined; inline: string | undefined } {
  if (word.startsWith("--")) {
    const equals = word.indexOf("=");
    const name = word.slice(2, equals === -1 ? undefined : equals);
    return {
      flag: ALL_FLAGS.find((flag) => flag.name === name),
      inline: equals === -1 ? undefined : word.slice(equals + 1),
    };
  }
  const flag = ALL_FLAGS.find(({ short }) => short === word[1]);
  return { flag, inline: word.length === 2 ? undefined : word.slice(2).replace(/^=/, "") };
}

function unknownFlag(word: string): string {
  const name = word.split("=")[0] as string;
  const near = name.startsWith("--") ? nearest(name, FLAG_NAMES) : null;
  return `There is no flag ${name}.${near === null ? "" : ` Did you mean ${near}?`} A prompt that starts with a dash goes behind --.`;
}

function unknownCommand(word: string): Args {
  if (NOT_YET.includes(word)) return usage(`This version of godwit does not have "${word}" yet.`);
  if (/\s/.test(word)) return usage('That reads like a prompt: godwit exec "…" runs one.');
  const near = nearest(word, [...COMMANDS.map(({ name }) => name), ...NOT_YET]);
  return usage(
    `There is no command "${word}".${near === null ? " godwit --help lists them." : ` Did you mean ${near}?`}`,
  );
}

function exec(words: readonly string[], values: Values): Args {
  const options = readOptions(values);
  if (typeof options === "string") return usage(options);
  for (const name of ["last", "all"]) if (values.has(name)) return usage(`--${name} belongs to resume.`);
  if (words.length > 1) return usage(`exec takes one prompt, but got ${words.length} arguments: put it in quotes.`);
  return { kind: "exec", prompt: words[0], options };
}

function resume(words: readonly string[], values: Values): Args {
  const options = readOptions(values);
  if (typeof options === "string") return usage(options);
  const isLast = values.has("last");
  if (values.has("all") && !isLast) return usage("--all goes with --last.");
  const [id] = words;
  const most = isLast ? 1 : 2;
  if (words.length > most) return usage(`resume takes one prompt, but got more arguments: put it in quotes.`);
  if (isLast) {
    return { kind: "resume", thread: { last: values.has("all") ? "anywhere" : "here" }, prompt: id, options };
  }
  if (id === undefined || id === "-" || id === "") return usage("Say which thread to resume: its id, or --last.");
  return { kind: "resume", thread: { id }, prompt: words[1], options };
}

function rehearse(words: readonly string[], values: Values): Args {
  const options = readOptions(values);
  if (typeof options === "string") return usage(options);
  const known = COMMANDS.find(({ name }) => name === "rehearse")?.flags ?? [];
  const other = FLAGS.find(({ name }) => values.has(name) && known !== "all" && !known.includes(name));
  if (other !== undefined) return usage(`--${other.name} means nothing to rehearse: it works on a throw-away copy.`);
  if (words.length > 1) return usage(`rehearse takes one path, but got ${words.length} arguments.`);
  return { kind: "rehearse", path: words[0], options };
}

const SANDBOXES: readonly SandboxMode[] = ["read-only", "workspace-write", "danger-full-access"];
const COLORS: readonly ColorChoice[] = ["auto", "always", "never"];

/** @returns a sentence when a value makes no sense. */
function readOptions(given: Values): Options | string {
  const { values, warnings } = withForeign(given);
  const last = (name: string): string | undefined => values.get(name)?.at(-1);
  const sandbox = oneOf("sandbox", last("sandbox"), SANDBOXES);
  const color = oneOf("color", last("color"), COLORS);
  const maxTurns = wholeNumber("max-turns", last("max-turns"));
  const maxTokens = wholeNumber("max-tokens", last("max-tokens"));
  for (const read of [sandbox, color, maxTurns, maxTokens]) if (read.message !== undefined) return read.message;
  for (const name of ["model", "cd", "add-dir", "output-schema", "output-last-message", "image"]) {
    if (values.get(name)?.includes("")) return `--${name} needs a value that is not empty.`;
  }
  const config = values.get("config") ?? [];
  const wrong = config.find((pair) => !/^[^=]*[^=\s][^=]*=/.test(pair));
  if (wrong !== undefined) return `-c takes KEY=VALUE, but got "${wrong}".`;
  return {
    json: values.has("json") || values.has("experimental-json"),
    model: last("model"),
    sandbox: sandbox.value,
    cd: last("cd"),
    addDirs: values.get("add-dir") ?? [],
    skipGitRepoCheck: values.has("skip-git-repo-check"),
    outputSchema: last("output-schema"),
    outputLastMessage: last("output-last-message"),
    images: (values.get("image") ?? []).flatMap((list) => list.split(",")).filter((path) => path !== ""),
    config,
    ephemeral: values.has("ephemeral"),
    strictConfig: values.has("strict-config"),
    yolo: values.has("yolo"),
    maxTurns: maxTurns.value,
    maxTokens: maxTokens.value,
    color: color.value ?? "auto",
    warnings,
  };
}

/** Codex's own flags as ours, where there is one that means it, and a warning for each. */
function withForeign(given: Values): { values: Values; warnings: string[] } {
  const values = new Map(given);
  const warnings: string[] = [];
  for (const { name, help, as } of FOREIGN_FLAGS) {
    if (!given.has(name)) continue;
    warnings.push(`--${name} is a flag of Codex; ${help}.`);
    if (as !== undefined && !given.has(as[0])) values.set(as[0], [as[1]]);
  }
  return { values, warnings };
}

/** A value that may be missing, or a sentence about what is wrong with it. */
interface Checked<T> {
  readonly value?: T;
  readonly message?: string;
}

function oneOf<T extends string>(name: string, value: string | undefined, known: readonly T[]): Checked<T> {
  if (value === undefined) return {};
  const match = known.find((choice) => choice === value);
  if (match !== undefined) return { value: match };
  const near = nearest(value, known);
  const hint = near === null ? "" : ` Did you mean ${near}?`;
  return { message: `--${name} is one of ${known.join(", ")}, not "${value}".${hint}` };
}

function wholeNumber(name: string, value: string | undefined): Checked<number> {
  if (value === undefined) return {};
  const number = Number(value);
  if (/^[1-9]\d*$/.test(value) && Number.isSafeInteger(number)) return { value: number };
  return { message: `--${name} takes a whole number from 1 on, not "${value}".` };
}
