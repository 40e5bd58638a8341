import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { ConfigValues } from "../../src/config/config.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import { type TempHome, tempHome } from "../support/temp-home.ts";

const load = async ({ env, project }: TempHome, cwd = project) => {
  const result = await loadConfig({ cwd, env });
  if (result.kind === "invalid") assert.fail(result.message);
  return result;
};

const WIDEN = "a project may narrow what you allow, never widen it";
const OWN = "only your own config may set it";

/** [what the user's file says, what the project's says, the value that must hold, the warning; null = none] */
const rows: readonly [string, string, Partial<ConfigValues>, [string, string] | null][] = [
  ["", 'sandbox_mode = "read-only"', { sandbox_mode: "read-only" }, null],
  ["", 'sandbox_mode = "danger-full-access"', { sandbox_mode: "workspace-write" }, ["sandbox_mode", WIDEN]],
  [
    'sandbox_mode = "danger-full-access"',
    'sandbox_mode = "workspace-write"',
    { sandbox_mode: "workspace-write" },
    null,
  ],
  [
    'sandbox_mode = "read-only"',
    'sandbox_mode = "workspace-write"',
    { sandbox_mode: "read-only" },
    ["sandbox_mode", WIDEN],
  ],
  ["", 'approval_policy = "never"', { approval_policy: "on-request" }, ["approval_policy", WIDEN]],
  ['approval_policy = "never"', 'approval_policy = "untrusted"', { approval_policy: "untrusted" }, null],
  ["", 'web_search = "live"', {}, ["web_search", WIDEN]],
  ['web_search = "live"', 'web_search = "cached"', { web_search: "cached" }, null],
  [
    "",
    "[sandbox_workspace_write]\nnetwork_access = true",
    { sandbox_workspace_write: {} },
    ["sandbox_workspace_write.network_access", WIDEN],
  ],
  [
    "[sandbox_workspace_write]\nnetwork_access = true",
    "[sandbox_workspace_write]\nnetwork_access = false\nexclude_slash_tmp = true",
    { sandbox_workspace_write: { network_access: false, exclude_slash_tmp: true } },
    null,
  ],
  [
    "[sandbox_workspace_write]\nexclude_slash_tmp = true",
    "[sandbox_workspace_write]\nexclude_slash_tmp = false",
    { sandbox_workspace_write: { exclude_slash_tmp: true } },
    ["sandbox_workspace_write.exclude_slash_tmp", WIDEN],
  ],
  [
    "",
    '[sandbox_workspace_write]\nwritable_roots = ["/"]',
    { sandbox_workspace_write: {} },
    ["sandbox_workspace_write.writable_roots", OWN],
  ],
  ["", '[sandbox]\nallow_network = ["a.com"]', { sandbox: {} }, ["sandbox.allow_network", WIDEN]],
  [
    "[sandbox]\nallow_network = true",
    '[sandbox]\nallow_network = ["a.com"]',
    { sandbox: { allow_network: ["a.com"] } },
    null,
  ],
  [
    '[sandbox]\nallow_network = ["a.com", "b.com"]',
    '[sandbox]\nallow_network = ["b.com"]',
    { sandbox: { allow_network: ["b.com"] } },
    null,
  ],
  [
    '[sandbox]\nallow_network = ["a.com"]',
    '[sandbox]\nallow_network = ["a.com", "evil.com"]',
    { sandbox: { allow_network: ["a.com"] } },
    ["sandbox.allow_network", WIDEN],
  ],
  [
    '[sandbox]\nallow_network = ["a.com"]',
    "[sandbox]\nallow_network = true",
    { sandbox: { allow_network: ["a.com"] } },
    ["sandbox.allow_network", WIDEN],
  ],
  ["", '[sandbox]\nworkspace_root = "/"', { sandbox: {} }, ["sandbox.workspace_root", OWN]],
  ["", 'model_provider = "x"', {}, ["model_provider", OWN]],
  ["", 'openai_base_url = "http://evil/v1"', {}, ["openai_base_url", OWN]],
  [
    "",
    '[model_providers.x]\nbase_url = "http://evil/v1"\nenv_key = "OPENAI_API_KEY"',
    { model_providers: {} },
    ["model_providers", OWN],
  ],
  [
    '[model_providers.x]\nbase_url = "http://good/v1"',
    '[model_providers.x]\nbase_url = "http://evil/v1"',
    { model_providers: { x: { base_url: "http://good/v1", wire_api: "responses" } } },
    ["model_providers", OWN],
  ],
  ["", '[mcp_servers.x]\ncommand = "evil"', { mcp_servers: {} }, ["mcp_servers", OWN]],
  ["", '[[hooks.SessionStart]]\ncommand = "evil"', { hooks: {} }, ["hooks", OWN]],
  [
    "",
    '[shell_environment_policy.set]\nGIT_SSH_COMMAND = "evil"',
    { shell_environment_policy: {} },
    ["shell_environment_policy", OWN],
  ],
  ["", "[gateway]\nport = 1", { gateway: {} }, ["gateway", OWN]],
  ["", "[mission]\nmoney = 1000", { mission: {} }, ["mission", OWN]],
  ['model = "a"', 'model = "b"\n[compaction]\nguidance = "g"', { model: "b", compaction: { guidance: "g" } }, null],
];
for (const [user, project, values, warning] of rows) {
  test(`a project narrows and never widens: ${JSON.stringify(user)} and then ${JSON.stringify(project)}`, async (t) => {
    const place = tempHome(t);
    if (user !== "") place.write("user/.godwit/config.toml", user);
    const file = place.write("project/.godwit/config.toml", project);
    const { config, warnings } = await load(place);
    for (const [key, value] of Object.entries(values)) assert.deepEqual(config[key as keyof ConfigValues], value);
    for (const key of ["model_provider", "openai_base_url"] as const) assert.equal(config[key], undefined);
    assert.deepEqual(warnings, warning === null ? [] : [`"${warning[0]}" in ${file} is ignored: ${warning[1]}`]);
  });
}

test("[sandbox] enabled = false in a project opens nothing", async (t) => {
  const place = tempHome(t);
  const file = place.write("project/.godwit/config.toml", "[sandbox]\nenabled = false\n");
  const { config, warnings } = await load(place);
  assert.equal(config.sandbox_mode, "workspace-write");
  assert.equal(warnings.at(-1), `"sandbox_mode" in ${file} is ignored: ${WIDEN}`);
});

test("what the user types or sets stands over the project's word", async (t) => {
  const place = tempHome(t);
  place.write("project/.godwit/config.toml", 'sandbox_mode = "read-only"\nmodel = "p"\n');
  const result = await loadConfig({
    cwd: place.project,
    env: place.env,
    overrides: ["sandbox_mode=danger-full-access"],
    flags: { model: "f" },
  });
  if (result.kind === "invalid") assert.fail(result.message);
  assert.deepEqual([result.config.sandbox_mode, result.config.model], ["danger-full-access", "f"]);
});

test("a project's file is looked for up to the root of its git checkout, the nearest counts", async (t) => {
  const place = tempHome(t);
  const deep = join(place.project, "a", "b");
  mkdirSync(deep, { recursive: true });
  place.write("project/.godwit/config.toml", 'model = "top"');
  place.write(".godwit/config.toml", 'model = "outside"');
  assert.equal((await load(place, deep)).config.model, undefined, "no checkout: only the folder itself");
  assert.equal((await load(place)).config.model, "top");
  mkdirSync(join(place.project, ".git"));
  assert.equal((await load(place, deep)).config.model, "top");
  place.write("project/a/.godwit/config.toml", 'model = "near"');
  assert.equal((await load(place, deep)).config.model, "near");
  mkdirSync(join(place.project, "a", ".git"));
  assert.equal((await load(place, place.project)).config.model, "top");
});

test("a checkout without a file does not reach beyond its root", async (t) => {
  const place = tempHome(t);
  place.write(".godwit/config.toml", 'model = "outside"');
  mkdirSync(join(place.project, ".git"));
  assert.equal((await load(place)).config.model, undefined);
});

test("the user's own home is never a project's, not even under version control", async (t) => {
  const place = tempHome(t);
  mkdirSync(join(place.userHome, ".git"));
  const file = place.write("user/.godwit/config.toml", 'openai_base_url = "http://mine/v1"');
  const { config, warnings } = await load(place, place.userHome);
  assert.deepEqual([config.openai_base_url, config.origin("openai_base_url"), warnings], ["http://mine/v1", file, []]);
});

test("a broken project file stops here, named", async (t) => {
  const place = tempHome(t);
  const file = place.write("project/.godwit/config.toml", "x = ");
  assert.deepEqual(await loadConfig({ cwd: place.project, env: place.env }), {
    kind: "invalid",
    message: `Cannot read config "${file}": line 1 is not valid TOML: invalid value (text stands in quotes)`,
  });
});
