/**
 * Config: one frozen value made of files, environment and flags, that knows where each key came from.
 *
 * Owns        the keys' types and defaults; the names are those of the file, so that one word serves docs and code.
 * Is not      a service: `cli/` hands each room its own small options; no room imports this one.
 */
export type WireApi = "responses" | "chat" | "anthropic" | "google";
export type SandboxMode = "read-only" | "workspace-write" | "danger-full-access";
export type ApprovalPolicy = "untrusted" | "on-request" | "on-failure" | "never";
export type Rung = "native" | "summary-warm" | "summary-cold" | "digest" | "reset";

/** A table whose keys another room defines; plain JSON, frozen. */
export type OpenTable = Readonly<Record<string, unknown>>;
type Texts = Readonly<Record<string, string>>;

/** `[model_providers.ID]`. */
export interface ProviderConfig {
  readonly name?: string;
  readonly base_url: string;
  readonly env_key?: string;
  /** @default "responses" */
  readonly wire_api: WireApi;
  readonly http_headers?: Texts;
  readonly env_http_headers?: Texts;
  readonly query_params?: Texts;
  readonly request_max_retries?: number;
  readonly stream_max_retries?: number;
  readonly stream_idle_timeout_ms?: number;
  readonly supports_websockets?: boolean;
}

export interface CompactionConfig {
  /** Rungs that may be used; the ladder keeps its own order. Not set = all that the provider can. */
  readonly rungs?: readonly Rung[];
  /** Added to every request for a summary. */
  readonly guidance?: string;
  /** Lines at which to fold: up to 1 a share of what is usable, above that tokens, 0 = never. */
  readonly soft?: number;
  readonly hard?: number;
  readonly native?: boolean;
  readonly reasoning_between_turns?: "keep" | "drop";
  /** Model for `summary-cold`, when it shall not be the thread's own. */
  readonly model?: string;
  readonly analysts?: boolean;
}

export interface ConfigValues {
  readonly model?: string;
  readonly model_provider?: string;
  readonly model_providers: Readonly<Record<string, ProviderConfig>>;
  /** Tokens. */
  readonly model_context_window?: number;
  /** Tokens; 0 = never fold by size. */
  readonly model_auto_compact_token_limit?: number;
  readonly openai_base_url?: string;
  readonly web_search?: "disabled" | "cached" | "indexed" | "live";
  readonly model_reasoning_effort?: string;
  readonly model_reasoning_summary?: "auto" | "concise" | "detailed" | "none";
  readonly approval_policy: ApprovalPolicy;
  readonly sandbox_mode: SandboxMode;
  readonly sandbox_workspace_write: {
    readonly writable_roots?: readonly string[];
    readonly network_access?: boolean;
    readonly exclude_slash_tmp?: boolean;
    readonly exclude_tmpdir_env_var?: boolean;
  };
  readonly sandbox: {
    /** True = everything, false = nothing, else the domains that may be reached. */
    readonly allow_network?: boolean | readonly string[];
    readonly workspace_root?: string;
  };
  readonly shell_environment_policy: {
    readonly inherit?: "all" | "core" | "none";
    readonly exclude?: readonly string[];
    readonly include_only?: readonly string[];
    readonly set?: Texts;
    readonly ignore_default_excludes?: boolean;
    readonly experimental_use_profile?: boolean;
  };
  /** Bytes; 0 = read none. */
  readonly project_doc_max_bytes: number;
  readonly project_doc_fallback_filenames: readonly string[];
  /** Tokens. */
  readonly tool_output_token_limit?: number;
  readonly developer_instructions?: string;
  readonly compact_prompt?: string;
  readonly compaction: CompactionConfig;
  readonly mcp_servers: Readonly<Record<string, OpenTable>>;
  readonly hooks: OpenTable;
  readonly gateway: OpenTable;
  readonly mission: OpenTable;
}

export interface Config extends ConfigValues {
  /** The folder of config, sessions and keys; it need not exist yet. */
  readonly home: string;
  /**
   * Where a key's value came from: a file's path, the name of an environment variable, `-c`, the name of a flag, or
   * `default`. For a table: where the strongest of its keys came from.
   *
   * @param path such as `model` or `model_providers.mine.base_url`; a name with a dot stands in quotes
   */
  origin(path: string): string;
}

/** What holds when nobody says anything. */
export const DEFAULTS = {
  approval_policy: "on-request",
  sandbox_mode: "workspace-write",
  project_doc_max_bytes: 32_768,
  project_doc_fallback_filenames: [],
} as const satisfies Partial<ConfigValues>;

/** Tables that are always there. */
export const TABLES = [
  "model_providers",
  "sandbox_workspace_write",
  "sandbox",
  "shell_environment_policy",
  "compaction",
  "mcp_servers",
  "hooks",
  "gateway",
  "mission",
] as const satisfies readonly (keyof ConfigValues)[];
