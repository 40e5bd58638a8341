/**
 * Keys: every key that a config may hold, and what it takes.
 *
 * Owns        the table that files, `-c` and flags are read with.
 * Is not      the keys' TypeScript types (./config.ts), which say the same to the compiler.
 */

/** A key with a value. */
export interface ValueKey {
  readonly kind: "value";
  /** What it takes, in words that follow "expected". */
  readonly expects: string;
  /** Never show what was given instead. */
  readonly isSecret?: boolean;
  accepts(value: unknown): boolean;
}

export interface TableKey {
  readonly kind: "table";
  readonly keys: Readonly<Record<string, Key>>;
}

export type Key =
  | ValueKey
  | TableKey
  /** A table with names of the user's own. */
  | { readonly kind: "each"; readonly of: Key }
  /** A table that another room reads; kept as it stands. */
  | { readonly kind: "open" }
  /** A key of another tool: taken, and without effect. Said where the user would miss the effect. */
  | { readonly kind: "foreign"; readonly hint?: string }
  /** Another way to say `to`. */
  | { readonly kind: "alias"; readonly of: ValueKey; readonly to: string; toValue(value: unknown): unknown };

const value = (expects: string, accepts: (value: unknown) => boolean): ValueKey => ({
  kind: "value",
  expects,
  accepts,
});
const table = (keys: TableKey["keys"]): TableKey => ({ kind: "table", keys });
const each = (of: Key): Key => ({ kind: "each", of });
const foreign = (hint?: string): Key => ({ kind: "foreign", ...(hint === undefined ? {} : { hint }) });

const isText = (given: unknown): given is string => typeof given === "string" && given.trim() !== "";
const isFlag = (given: unknown): boolean => typeof given === "boolean";
const isTexts = (given: unknown): boolean => Array.isArray(given) && given.every(isText);
const isNumberFrom = (least: number) => (given: unknown) => Number.isSafeInteger(given) && (given as number) >= least;

const text = value("text in quotes that is not empty", isText);
const flag = value("true or false", isFlag);
const texts = value("a list of texts", isTexts);
const open: Key = { kind: "open" };
const count = value("a whole number from 0 on", isNumberFrom(0));
const some = value("a whole number from 1 on", isNumberFrom(1));
const line = value(
  "a share of the window up to 1, or tokens",
  (given) => Number.isFinite(given) && (given as number) >= 0,
);
const url = value('an address such as "https://host/v1"', (given) => isText(given) && isHttp(given));
const fileNames = value(
  "a list of file names without a path",
  (given) => isTexts(given) && (given as string[]).every(isFileName),
);
const textOf: Key = each({ ...value("text in quotes", (given) => typeof given === "string"), isSecret: true });
const variableName: ValueKey = {
  ...value(
    "the name of an environment variable, not the key itself",
    (given) => isText(given) && /^[A-Za-z_]\w*$/.test(given),
  ),
  isSecret: true,
};

function oneOf(...choices: readonly string[]): ValueKey {
  const words = choices.map((choice) => `"${choice}"`);
  return value(`${words.slice(0, -1).join(", ")} or ${words.at(-1)}`, (given) => choices.includes(given as string));
}

function someOf(...choices: readonly string[]): ValueKey {
  const words = choices.map((choice) => `"${choice}"`).join(", ");
  return value(
    `a list of ${words}`,
    (given) => isTexts(given) && (given as string[]).every((one) => choices.includes(one)),
  );
}

const isFileName = (name: string): boolean => !/[/\\\0]/.test(name) && name !== "." && name !== "..";

function isHttp(given: string): boolean {
  const parsed = URL.parse(given);
  return parsed !== null && (parsed.protocol === "http:" || parsed.protocol === "https:");
}

const sandboxMode = oneOf("read-only", "workspace-write", "danger-full-access");

const PROVIDER = table({
  name: text,
  base_url: url,
  env_key: variableName,
  wire_api: oneOf("responses", "chat", "anthropic", "google"),
  http_headers: textOf,
  env_http_headers: each(variableName),
  query_params: textOf,
  request_max_retries: count,
  stream_max_retries: count,
  stream_idle_timeout_ms: some,
  supports_websockets: flag,
  experimental_bearer_token: foreign("put the key in an environment variable and name it with env_key"),
  auth: foreign("name an environment variable with env_key"),
  env_key_instructions: foreign(),
  requires_openai_auth: foreign(),
  websocket_connect_timeout_ms: foreign(),
});

const COMPACTION = table({
  rungs: someOf("native", "summary-warm", "summary-cold", "digest", "reset"),
  guidance: text,
  soft: line,
  hard: line,
  native: flag,
  reasoning_between_turns: oneOf("keep", "drop"),
  model: text,
  analysts: flag,
});

/** Codex's keys that nobody misses here. */
const SILENT =
  "analytics otel tui history projects check_for_update_on_startup model_verbosity hide_agent_reasoning " +
  "show_raw_agent_reasoning file_opener notice feedback disable_paste_burst suppress_unstable_features_warning " +
  "cli_auth_credentials_store forced_login_method personality log_dir sqlite_home project_root_markers " +
  "include_apps_instructions include_collaboration_mode_instructions include_environment_context_instructions " +
  "include_permissions_instructions model_supports_reasoning_summaries plan_mode_reasoning_effort review_model " +
  "windows_wsl_setup_acknowledged thread_unload_delay_secs responses_api_metadata marketplaces tool_suggest apps memories";

/** Codex's keys that do something there. */
const MISSED =
  "notify features profile profiles plugins skills agents tools permissions default_permissions approvals_reviewer " +
  "auto_review allow_login_shell service_tier model_instructions_file experimental_compact_prompt_file " +
  "model_catalog_json chatgpt_base_url oss_provider instructions background_terminal_max_timeout " +
  "model_auto_compact_token_limit_scope model_post_turn_compact_threshold_percent mcp_oauth_callback_port " +
  "mcp_oauth_credentials_store";

const named = (names: string, key: Key): Record<string, Key> =>
  Object.fromEntries(names.split(" ").map((name) => [name, key]));

export const KEYS: TableKey = table({
  ...named(SILENT, foreign()),
  ...named(MISSED, foreign("it has no effect here")),
  model: text,
  model_provider: text,
  model_providers: each(PROVIDER),
  model_context_window: some,
  model_auto_compact_token_limit: count,
  openai_base_url: url,
  web_search: oneOf("disabled", "cached", "indexed", "live"),
  model_reasoning_effort: text,
  model_reasoning_summary: oneOf("auto", "concise", "detailed", "none"),
  approval_policy: oneOf("untrusted", "on-request", "on-failure", "never"),
  sandbox_mode: sandboxMode,
  sandbox_workspace_write: table({
    writable_roots: texts,
    network_access: flag,
    exclude_slash_tmp: flag,
    exclude_tmpdir_env_var: flag,
  }),
  sandbox: table({
    allow_network: value("true, false or a list of domains", (given) => isFlag(given) || isTexts(given)),
    workspace_root: text,
    enabled: {
      kind: "alias",
      of: flag,
      to: "sandbox_mode",
      toValue: (isOn) => (isOn ? "workspace-write" : "danger-full-access"),
    },
  }),
  shell_environment_policy: table({
    inherit: oneOf("all", "core", "none"),
    exclude: texts,
    include_only: texts,
    set: textOf,
    ignore_default_excludes: flag,
    experimental_use_profile: flag,
  }),
  project_doc_max_bytes: count,
  project_doc_fallback_filenames: fileNames,
  tool_output_token_limit: some,
  developer_instructions: text,
  compact_prompt: text,
  compaction: COMPACTION,
  mcp_servers: each(open),
  hooks: open,
  gateway: open,
  mission: open,
  core: table({
    model: { kind: "alias", of: text, to: "model", toValue: (model) => model },
    experimental_features: foreign("what it would switch on needs no switch here"),
  }),
});
