/**
 * Providers: where models are served, as data, and which of them a fresh machine can use.
 *
 * Owns        the built-in table and the choice made from the environment alone.
 * Is not      the config: a user's `[model_providers.ID]` has the same keys and goes over this table.
 * Source      the providers' own API pages; OpenRouter serves /responses, the OpenAI-compatible addresses of
 *             Anthropic and Google serve chat completions only (November 2026).
 */
export type WireApi = "responses" | "chat" | "anthropic" | "google";

/** One provider, in the words of the config file. */
export interface Provider {
  readonly id: string;
  readonly name: string;
  readonly base_url: string;
  /** Environment variable that holds the key; without it no authorization is sent. */
  readonly env_key?: string;
  readonly wire_api: WireApi;
  readonly http_headers?: Readonly<Record<string, string>>;
  /** Header name to environment variable; a variable that is not set sends no header. */
  readonly env_http_headers?: Readonly<Record<string, string>>;
  readonly query_params?: Readonly<Record<string, string>>;
  readonly request_max_retries?: number;
  readonly stream_max_retries?: number;
  readonly stream_idle_timeout_ms?: number;
}

export type Env = Readonly<Record<string, string | undefined>>;

const OPENAI: Provider = {
  id: "openai",
  name: "OpenAI",
  base_url: "https://api.openai.com/v1",
  env_key: "OPENAI_API_KEY",
  wire_api: "responses",
};

const OPENROUTER: Provider = {
  id: "openrouter",
  name: "OpenRouter",
  base_url: "https://openrouter.ai/api/v1",
  env_key: "OPENROUTER_API_KEY",
  wire_api: "responses",
};

const ANTHROPIC: Provider = {
  id: "anthropic",
  name: "Anthropic",
  base_url: "https://api.anthropic.com/v1",
  env_key: "ANTHROPIC_API_KEY",
  wire_api: "anthropic",
};

const GOOGLE: Provider = {
  id: "google",
  name: "Google",
  base_url: "https://generativelanguage.googleapis.com/v1beta/openai",
  env_key: "GEMINI_API_KEY",
  wire_api: "google",
};

const OLLAMA: Provider = {
  id: "ollama",
  name: "Ollama",
  base_url: "http://localhost:11434/v1",
  wire_api: "responses",
};

const LMSTUDIO: Provider = {
  id: "lmstudio",
  name: "LM Studio",
  base_url: "http://localhost:1234/v1",
  wire_api: "responses",
};

/**
 * The providers that need no config.
 *
 * @param openaiBaseUrl `openai_base_url` of the config, for a proxy in front of OpenAI
 */
export function builtInProviders(openaiBaseUrl?: string): readonly Provider[] {
  const openai = openaiBaseUrl === undefined ? OPENAI : { ...OPENAI, base_url: openaiBaseUrl };
  return [openai, OPENROUTER, ANTHROPIC, GOOGLE, OLLAMA, LMSTUDIO];
}

/** Can this version talk to it? */
export const isAvailable = (provider: Provider): boolean => provider.wire_api === "responses";

/** One sentence on why it cannot, for people. */
export const whyUnavailable = (provider: Provider): string =>
  `${provider.name} needs wire_api "${provider.wire_api}", which this version does not have yet: ` +
  "use a provider that serves the Responses API, such as OpenAI or OpenRouter (set OPENROUTER_API_KEY)";

export type Default =
  | { readonly kind: "chosen"; readonly provider: Provider; readonly model: string; readonly envKey: string }
  /** A key is there, yet none that this version can use. */
  | { readonly kind: "unavailable"; readonly envKey: string; readonly message: string }
  | { readonly kind: "none" };

const DEFAULTS: readonly { readonly provider: Provider; readonly model: string }[] = [
  { provider: OPENAI, model: "gpt-5.5" },
  { provider: ANTHROPIC, model: "claude-sonnet-4-5" },
  { provider: GOOGLE, model: "gemini-2.5-pro" },
  { provider: OPENROUTER, model: "openai/gpt-5.5" },
];

/** The provider and model for a machine that has a key and no config: the first key whose provider works today. */
export function defaultFor(env: Env): Default {
  const keyed = DEFAULTS.filter(({ provider }) => (env[provider.env_key as string] ?? "").trim() !== "");
  const usable = keyed.find(({ provider }) => isAvailable(provider));
  if (usable) return { kind: "chosen", ...usable, envKey: usable.provider.env_key as string };
  const [first] = keyed;
  if (!first) return { kind: "none" };
  const envKey = first.provider.env_key as string;
  return { kind: "unavailable", envKey, message: `${envKey} is set, but ${whyUnavailable(first.provider)}` };
}
