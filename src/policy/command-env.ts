/**
 * Command environment: what a command the model asks for finds in its environment.
 *
 * Owns        the order: inherit, take the secrets out, `exclude`, `set`, `include_only`.
 * Is not      the defaults of every child process, which the sandbox adds (PAGER, TERM, NO_COLOR).
 * Source      `shell_environment_policy` of Codex, whose keys keep their names; here secrets go unless told otherwise.
 */
import { childEnv } from "./secrets.ts";

type Env = Readonly<Record<string, string | undefined>>;

export interface EnvPolicy {
  /** @default "all" */
  readonly inherit?: "all" | "core" | "none";
  /** Patterns of names, `*` and `?`, in any case. */
  readonly exclude?: readonly string[];
  /** When there are some, nothing else is left, of `set` neither. */
  readonly include_only?: readonly string[];
  readonly set?: Readonly<Record<string, string>>;
  /** Keep the variables whose names say "secret". */
  readonly ignore_default_excludes?: boolean;
}

const CORE = /^(?:HOME|PATH|USER|USERNAME|LOGNAME|SHELL|TMPDIR|TEMP|TMP|LANG|LC_\w+)$/i;
/** They make a program wait at a pager or draw for a terminal that is not there. */
const SCREEN = new Set(["TERM", "PAGER", "GIT_PAGER"]);

/**
 * The environment for commands.
 *
 * @param hidden variables that hold the provider's own keys: only `set` can hand one on
 */
export function commandEnv(env: Env, policy: EnvPolicy, hidden: readonly string[]): Record<string, string> {
  const { inherit = "all", exclude = [], include_only: only = [], set = {} } = policy;
  const known = policy.ignore_default_excludes ? env : childEnv(env);
  const isExcluded = oneOf(exclude);
  const inherited = Object.entries(known).filter(
    ([name, value]) =>
      value !== undefined &&
      !SCREEN.has(name) &&
      !hidden.includes(name) &&
      (inherit === "all" || (inherit === "core" && CORE.test(name))) &&
      !isExcluded(name),
  ) as [string, string][];
  const all = [...new Map([...inherited, ...Object.entries(set)])];
  const isIncluded = oneOf(only);
  return Object.fromEntries(only.length === 0 ? all : all.filter(([name]) => isIncluded(name)));
}

/** Does a name fit one of the patterns? */
function oneOf(patterns: readonly string[]): (name: string) => boolean {
  const whole = patterns.map((pattern) => {
    const text = pattern
      .replace(/[\\^$.+()[\]{}|/-]/g, "\\$&")
      .replace(/\*+/g, ".*")
      .replaceAll("?", ".");
    return new RegExp(`^${text}$`, "is");
  });
  return (name) => whole.some((pattern) => pattern.test(name));
}
