import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import type { Config } from "../../src/config/config.ts";
import { type ConfigSources, type LoadedConfig, loadConfig } from "../../src/config/load-config.ts";
import { type TempHome, tempHome } from "../support/temp-home.ts";

const USER = "user/.godwit/config.toml";
const PROJECT = "project/.godwit/config.toml";

const load = ({ env, project }: TempHome, more: Partial<ConfigSources> = {}): Promise<LoadedConfig> =>
  loadConfig({ cwd: project, env, ...more });

async function loaded(
  place: TempHome,
  more?: Partial<ConfigSources>,
): Promise<{ config: Config; warnings: readonly string[] }> {
  const result = await load(place, more);
  if (result.kind === "invalid") assert.fail(result.message);
  return result;
}

/** The values alone. */
const valuesOf = ({ home: _, origin: __, ...values }: Config): object => values;

const NOTHING = {
  approval_policy: "on-request",
  sandbox_mode: "workspace-write",
  project_doc_max_bytes: 32_768,
  project_doc_fallback_filenames: [],
  model_providers: {},
  sandbox_workspace_write: {},
  sandbox: {},
  shell_environment_policy: {},
  compaction: {},
  mcp_servers: {},
  hooks: {},
  gateway: {},
  mission: {},
};

test("without any file the defaults hold, and nothing is made", async (t) => {
  const place = tempHome(t);
  const { config, warnings } = await loaded(place, { home: join(place.root, "missing") });
  assert.deepEqual(valuesOf(config), NOTHING);
  assert.deepEqual([warnings, config.home], [[], join(place.root, "missing")]);
  assert.equal(config.origin("sandbox_mode"), "default");
});

const EVERYTHING = `
model = "m1"
model_provider = "mine"
model_context_window = 100_000
model_auto_compact_token_limit = 0
openai_base_url = "http://proxy:1/v1"
web_search = "live"
model_reasoning_effort = "high"
model_reasoning_summary = "auto"
approval_policy = "never"
sandbox_mode = "danger-full-access"
project_doc_max_bytes = 0
project_doc_fallback_filenames = ["CLAUDE.md"]
tool_output_token_limit = 5000
developer_instructions = """
Be brief.
"""
compact_prompt = "Keep the names."

[model_providers.mine]
name = "Mine"
base_url = "https://host/v1"
env_key = "MY_KEY"
wire_api = "chat"
http_headers = { x-a = "1" }
env_http_headers = { x-b = "B" }
query_params = { v = "2" }
request_max_retries = 0
stream_max_retries = 3
stream_idle_timeout_ms = 1000
supports_websockets = false

[model_providers."dots.and more"]
base_url = "http://localhost:1"

[sandbox_workspace_write]
writable_roots = ["/data"]
network_access = true
exclude_slash_tmp = true
exclude_tmpdir_env_var = false

[sandbox]
allow_network = ["example.com"]
workspace_root = "/data"

[shell_environment_policy]
inherit = "core"
exclude = ["*SECRET*"]
include_only = ["PATH"]
set = { CI = "1", EMPTY = "" }
ignore_default_excludes = true
experimental_use_profile = false

[compaction]
rungs = ["summary-cold", "digest"]
guidance = "Keep the names."
soft = 0.6
hard = 120000
native = true
reasoning_between_turns = "drop"
model = "small"
analysts = false

[mcp_servers.docs]
command = "docs"
env = { A = "1" }
[mcp_servers.bare]

[[hooks.PreCompact]]
matcher = "x"

[gateway]
since = 2026-01-02

[mission.budget]
tokens = 5
`;

test("every key of the file is read, as it is named there", async (t) => {
  const place = tempHome(t);
  const file = place.write(USER, EVERYTHING);
  const { config, warnings } = await loaded(place);
  assert.deepEqual(warnings, []);
  assert.deepEqual(valuesOf(config), {
    model: "m1",
    model_provider: "mine",
    model_context_window: 100_000,
    model_auto_compact_token_limit: 0,
    openai_base_url: "http://proxy:1/v1",
    web_search: "live",
    model_reasoning_effort: "high",
    model_reasoning_summary: "auto",
    approval_policy: "never",
    sandbox_mode: "danger-full-access",
    project_doc_max_bytes: 0,
    project_doc_fallback_filenames: ["CLAUDE.md"],
    tool_output_token_limit: 5000,
    developer_instructions: "Be brief.\n",
    compact_prompt: "Keep the names.",
    model_providers: {
      mine: {
        name: "Mine",
        base_url: "https://host/v1",
        env_key: "MY_KEY",
        wire_api: "chat",
        http_headers: { "x-a": "1" },
        env_http_headers: { "x-b": "B" },
        query_params: { v: "2" },
        request_max_retries: 0,
        stream_max_retries: 3,
        stream_idle_timeout_ms: 1000,
        supports_websockets: false,
      },
      "dots.and more": { base_url: "http://localhost:1", wire_api: "responses" },
    },
    sandbox_workspace_write: {
      writable_roots: ["/data"],
      network_access: true,
      exclude_slash_tmp: true,
      exclude_tmpdir_env_var: false,
    },
    sandbox: { allow_network: ["example.com"], workspace_root: "/data" },
    shell_environment_policy: {
      inherit: "core",
      exclude: ["*SECRET*"],
      include_only: ["PATH"],
      set: { CI: "1", EMPTY: "" },
      ignore_default_excludes: true,
      experimental_use_profile: false,
    },
    compaction: {
      rungs: ["summary-cold", "digest"],
      guidance: "Keep the names.",
      soft: 0.6,
      hard: 120_000,
      native: true,
      reasoning_between_turns: "drop",
      model: "small",
      analysts: false,
    },
    mcp_servers: { docs: { command: "docs", env: { A: "1" } }, bare: {} },
    hooks: { PreCompact: [{ matcher: "x" }] },
    gateway: { since: "2026-01-02" },
    mission: { budget: { tokens: 5 } },
  });
  assert.equal(config.origin('model_providers."dots.and more".base_url'), file);
  assert.equal(config.origin('model_providers."dots.and more".wire_api'), "default");
});

test("later sources win key by key, and each key knows where it came from", async (t) => {
  const place = tempHome(t);
  const user = place.write(
    USER,
    'model = "user"\nmodel_reasoning_effort = "low"\nsandbox_mode = "read-only"\n[compaction]\nsoft = 0.5\nhard = 0.8\n',
  );
  const project = place.write(PROJECT, 'model = "project"\ncompact_prompt = "p"\n[compaction]\nsoft = 0.4\n');
  const keys = [
    "model",
    "model_reasoning_effort",
    "compact_prompt",
    "compaction.soft",
    "compaction.hard",
    "compaction",
    "sandbox_mode",
  ];
  const origins = ({ config }: { config: Config }): string[] => keys.map((key) => config.origin(key));

  const files = await loaded(place);
  assert.equal(files.config.model, "project");
  assert.deepEqual(files.config.compaction, { soft: 0.4, hard: 0.8 });
  assert.deepEqual(origins(files), [project, user, project, project, user, project, user]);

  const env = { ...place.env, GODWIT_MODEL: "env", GODWIT_MODEL_PROVIDER: "", OPENAI_BASE_URL: "http://e/v1" };
  const withEnv = await loaded(place, { env });
  assert.equal(withEnv.config.model, "env");
  assert.deepEqual([withEnv.config.model_provider, withEnv.config.openai_base_url], [undefined, "http://e/v1"]);
  assert.equal(withEnv.config.origin("model"), "GODWIT_MODEL");

  const overrides = ["model=typed", "compaction.hard=0.9", "model=again"];
  const withOverrides = await loaded(place, { env, overrides });
  assert.equal(withOverrides.config.model, "again");
  assert.deepEqual(origins(withOverrides), ["-c", user, project, project, "-c", "-c", user]);

  const flags = { model: "flag", sandbox_mode: "danger-full-access", approval_policy: undefined };
  const withFlags = await loaded(place, { env, overrides, flags });
  assert.equal(withFlags.config.model, "flag");
  assert.equal(withFlags.config.sandbox_mode, "danger-full-access");
  assert.deepEqual(["model", "sandbox_mode", "approval_policy"].map(withFlags.config.origin), [
    "--model",
    "--sandbox",
    "default",
  ]);
});

test("the value is frozen all the way down", async (t) => {
  const place = tempHome(t);
  place.write(USER, EVERYTHING);
  const { config } = await loaded(place);
  for (const part of [
    config,
    config.compaction,
    config.compaction.rungs,
    config.model_providers.mine?.http_headers,
    config.hooks,
  ]) {
    assert.equal(Object.isFrozen(part), true);
  }
});

test("-c takes TOML where it is that, and text as typed where it is not", async (t) => {
  const place = tempHome(t);
  const { config, warnings } = await loaded(place, {
    overrides: [
      "model=gpt-5.5",
      "model_provider = 'x'",
      'model_providers.x.base_url="http://127.0.0.1:1/v1?a=b"',
      'model_providers."a=b.c".base_url=http://h',
      "model_providers.x.http_headers={ x-a = \"1\", x-b = 'two' }",
      "model_context_window=1_000",
      "tool_output_token_limit=500",
      "compaction.soft=0.5",
      "compaction.native=true",
      'project_doc_fallback_filenames=["a.md", "b.md"]',
      "developer_instructions=[not a list",
      "compact_prompt=1\nmodel = 'other'",
      'model_reasoning_effort="high"',
      "sandbox_workspace_write.network_access=false",
    ],
  });
  assert.deepEqual(warnings, []);
  assert.deepEqual(valuesOf(config), {
    ...NOTHING,
    model: "gpt-5.5",
    model_provider: "x",
    model_providers: {
      x: { base_url: "http://127.0.0.1:1/v1?a=b", wire_api: "responses", http_headers: { "x-a": "1", "x-b": "two" } },
      "a=b.c": { base_url: "http://h", wire_api: "responses" },
    },
    model_context_window: 1000,
    tool_output_token_limit: 500,
    compaction: { soft: 0.5, native: true },
    project_doc_fallback_filenames: ["a.md", "b.md"],
    developer_instructions: "[not a list",
    compact_prompt: "1\nmodel = 'other'",
    model_reasoning_effort: "high",
    sandbox_workspace_write: { network_access: false },
  });
});

test("a home is GODWIT_HOME, relative to where one is, else .godwit in the user's home", async (t) => {
  const place = tempHome(t);
  place.write("project/elsewhere/config.toml", 'model = "elsewhere"');
  place.write(USER, 'model = "user"');
  const relative = await loaded(place, { env: { ...place.env, GODWIT_HOME: "elsewhere" } });
  assert.deepEqual([relative.config.model, relative.config.home], ["elsewhere", join(place.project, "elsewhere")]);
  const usual = await loaded(place, { env: { HOME: place.userHome, GODWIT_HOME: "" } });
  assert.deepEqual([usual.config.model, usual.config.home], ["user", place.home]);
});

test("keys of Codex are taken: silently where nobody misses them, else with one hint", async (t) => {
  const place = tempHome(t);
  const file = place.write(
    USER,
    'notify = ["x"]\nhide_agent_reasoning = true\ncheck_for_update_on_startup = false\n[analytics]\nenabled = false\n[tui]\na = 1\n' +
      '[otel]\nx = 1\n[history]\npersistence = "none"\n[projects."/x"]\ntrust_level = "trusted"\n[profiles.p]\nmodel = "x"\n[features]\na = true\n' +
      '[model_providers.p]\nbase_url = "http://h"\nexperimental_bearer_token = "sk-123"\n',
  );
  const { warnings } = await loaded(place, { strict: true });
  assert.deepEqual(warnings, [
    `"notify" in ${file} is ignored: it has no effect here`,
    `"profiles" in ${file} is ignored: it has no effect here`,
    `"features" in ${file} is ignored: it has no effect here`,
    `"model_providers.p.experimental_bearer_token" in ${file} is ignored: put the key in an environment variable and name it with env_key`,
  ]);
});

test("[core] and [sandbox] enabled are read as what they mean here, with one hint; the right name wins", async (t) => {
  const place = tempHome(t);
  const file = place.write(USER, '[core]\nmodel = "c"\nexperimental_features = ["x"]\n[sandbox]\nenabled = false\n');
  const { config, warnings } = await loaded(place, { strict: true });
  assert.deepEqual([config.model, config.sandbox_mode, config.sandbox], ["c", "danger-full-access", {}]);
  assert.equal(config.origin("model"), file);
  assert.deepEqual(warnings, [
    `"core.experimental_features" in ${file} is ignored: what it would switch on needs no switch here`,
    `"core.model" in ${file} is read as model = "c"; write that instead`,
    `"sandbox.enabled" in ${file} is read as sandbox_mode = "danger-full-access"; write that instead`,
  ]);
  place.write(USER, 'model = "top"\nsandbox_mode = "read-only"\n[core]\nmodel = "c"\n[sandbox]\nenabled = true\n');
  const both = await loaded(place);
  assert.deepEqual([both.config.model, both.config.sandbox_mode], ["top", "read-only"]);
});

test("unknown keys warn with the nearest known one, and are refused when strict", async (t) => {
  const place = tempHome(t);
  const file = place.write(
    USER,
    'modle = "x"\nbanana = 1\n__proto__ = 1\nconstructor = 2\n[compaction]\nharrd = 1\n[model_providers.p]\nbase_url = "http://h"\nbase_ulr = "x"\n',
  );
  const sentences = [
    `Unknown key "modle" in ${file}, did you mean "model"?`,
    `Unknown key "banana" in ${file}`,
    `Unknown key "__proto__" in ${file}`,
    `Unknown key "constructor" in ${file}`,
    `Unknown key "compaction.harrd" in ${file}, did you mean "compaction.hard"?`,
    `Unknown key "model_providers.p.base_ulr" in ${file}, did you mean "model_providers.p.base_url"?`,
  ];
  const { config, warnings } = await loaded(place, { overrides: ["sandbox_mod=x"] });
  assert.deepEqual(warnings, [...sentences, 'Unknown key "sandbox_mod" in -c, did you mean "sandbox_mode"?']);
  assert.equal(config.model, undefined);
  assert.deepEqual(await load(place, { strict: true }), { kind: "invalid", message: sentences[0] });
  assert.deepEqual(await load(tempHome(t), { strict: true, overrides: ["x.y=1"] }), {
    kind: "invalid",
    message: 'Unknown key "x" in -c',
  });
});
