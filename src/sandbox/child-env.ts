/** Child environment: what a command finds in its environment when nobody said otherwise. */
import { MARK } from "./tree.ts";

export type Env = Readonly<Record<string, string>>;

const DEFAULTS: Env = { PAGER: "cat", GIT_PAGER: "cat", NO_COLOR: "1", GODWIT: "1" };

/** The environment of a command; what `env` sets stays as it is, the mark excepted. */
export const childEnv = (env: Env, tty: boolean, mark: string): Record<string, string> => ({
  ...DEFAULTS,
  TERM: tty ? "xterm-256color" : "dumb",
  ...env,
  [MARK]: mark,
});
