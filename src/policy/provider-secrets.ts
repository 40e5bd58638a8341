/**
 * Provider secrets: what a provider is asked with and nobody else may read, whatever its variables are called.
 *
 * Owns        which headers and variables are no secret although the config names them.
 * Is not      ./secrets.ts, which tells secrets by the names of variables and by their shape.
 */
import { isKeyLike } from "./key-like.ts";
import { isOrdinary, type Secret } from "./secrets.ts";

type Env = Readonly<Record<string, string | undefined>>;
type Texts = Readonly<Record<string, string>>;

/** The part of a provider's config that can hold secrets. */
export interface Credentials {
  readonly env_key?: string;
  readonly http_headers?: Texts;
  readonly env_http_headers?: Texts;
  readonly query_params?: Texts;
}

export interface ProviderSecrets {
  readonly secrets: readonly Secret[];
  /** Variables that no command gets. */
  readonly variables: readonly string[];
}

/** Their values stand in ordinary texts: masking `application/json` would spoil them. */
const ORDINARY_HEADER =
  /^(?:accept(?:-.*)?|content-type|connection|user-agent|referer|http-referer|origin|x-title|.*-(?:version|beta))$/i;
/** Commands need these, and their values stand in every path. */
const ORDINARY_VARIABLE = /^(?:HOME|PATH|PWD|USER|USERNAME|LOGNAME|HOSTNAME|SHELL|TERM|TMPDIR|TEMP|TMP|LANG|LC_\w+)$/i;
const SCHEME = /^(?:Bearer|Basic|Token|ApiKey|Key)\s+(?=\S)/i;

/** The secrets of a provider, by value, and the variables they come from. */
export function providerSecrets(provider: Credentials, env: Env): ProviderSecrets {
  const { env_key, http_headers = {}, env_http_headers = {}, query_params = {} } = provider;
  const named = Object.entries(env_http_headers).filter(([header]) => !ORDINARY_HEADER.test(header));
  const variables = [...(env_key === undefined ? [] : [env_key]), ...named.map(([, variable]) => variable)].filter(
    (variable) => !ORDINARY_VARIABLE.test(variable),
  );
  const headers = Object.entries(http_headers).filter(([header]) => !ORDINARY_HEADER.test(header));
  const params = Object.entries(query_params).filter(([, value]) => isKeyLike(value));
  const given = [...variables.map((name) => [name, env[name] ?? ""] as const), ...headers, ...params];
  const secrets = given.flatMap(([name, value]) =>
    // A command may print the key without the scheme in front of it.
    [value, value.replace(SCHEME, "")]
      .filter((text, index, both) => text !== "" && !isOrdinary(text) && both.indexOf(text) === index)
      .map((text) => ({ name, value: text })),
  );
  return { secrets, variables: [...new Set(variables)] };
}
