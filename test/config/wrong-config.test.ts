import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type ConfigSources, type LoadedConfig, loadConfig } from "../../src/config/load-config.ts";
import { type TempHome, tempHome } from "../support/temp-home.ts";

const USER = "user/.godwit/config.toml";
const load = ({ env, project }: TempHome, more: Partial<ConfigSources> = {}): Promise<LoadedConfig> =>
  loadConfig({ cwd: project, env, ...more });

const wrong: readonly [string, string][] = [
  ["model = 5", 'Wrong value for "model" in FILE: expected text in quotes that is not empty, got 5'],
  ['model = " "', 'Wrong value for "model" in FILE: expected text in quotes that is not empty, got ""'],
  ["[model]\nx = 1", 'Wrong value for "model" in FILE: expected text in quotes that is not empty, got a table'],
  [
    'model_context_window = "big"',
    'Wrong value for "model_context_window" in FILE: expected a whole number from 1 on, got "big"',
  ],
  [
    "model_context_window = 0",
    'Wrong value for "model_context_window" in FILE: expected a whole number from 1 on, got 0',
  ],
  [
    "tool_output_token_limit = 1.5",
    'Wrong value for "tool_output_token_limit" in FILE: expected a whole number from 1 on, got 1.5',
  ],
  [
    "model_auto_compact_token_limit = -1",
    'Wrong value for "model_auto_compact_token_limit" in FILE: expected a whole number from 0 on, got -1',
  ],
  [
    "compaction.soft = nan",
    'Wrong value for "compaction.soft" in FILE: expected a share of the window up to 1, or tokens, got NaN',
  ],
  [
    'compaction.rungs = ["digets"]',
    'Wrong value for "compaction.rungs" in FILE: expected a list of "native", "summary-warm", "summary-cold", "digest", "reset", got a list',
  ],
  [
    'sandbox_mode = "none"',
    'Wrong value for "sandbox_mode" in FILE: expected "read-only", "workspace-write" or "danger-full-access", got "none"',
  ],
  [
    "approval_policy = 1979-05-27",
    'Wrong value for "approval_policy" in FILE: expected "untrusted", "on-request", "on-failure" or "never", got a date',
  ],
  [
    'sandbox_workspace_write.network_access = "yes"',
    'Wrong value for "sandbox_workspace_write.network_access" in FILE: expected true or false, got "yes"',
  ],
  [
    "sandbox.allow_network = 1",
    'Wrong value for "sandbox.allow_network" in FILE: expected true, false or a list of domains, got 1',
  ],
  ['compaction = "off"', 'Wrong value for "compaction" in FILE: expected a table, got "off"'],
  ["hooks = []", 'Wrong value for "hooks" in FILE: expected a table, got a list'],
  ['mcp_servers.x = "y"', 'Wrong value for "mcp_servers.x" in FILE: expected a table, got "y"'],
  [
    'openai_base_url = "host/v1"',
    'Wrong value for "openai_base_url" in FILE: expected an address such as "https://host/v1", got "host/v1"',
  ],
  [
    'model_providers.p.wire_api = "soap"',
    'Wrong value for "model_providers.p.wire_api" in FILE: expected "responses", "chat", "anthropic" or "google", got "soap"',
  ],
  [
    'model_providers.p.env_key = "sk-123"',
    'Wrong value for "model_providers.p.env_key" in FILE: expected the name of an environment variable, not the key itself',
  ],
  [
    "model_providers.p.http_headers.a = 1",
    'Wrong value for "model_providers.p.http_headers.a" in FILE: expected text in quotes',
  ],
  ['model_providers.p.name = "P"', 'Provider "p" has no base_url: add it to [model_providers.p] in FILE'],
  [
    'project_doc_fallback_filenames = ["../x"]',
    'Wrong value for "project_doc_fallback_filenames" in FILE: expected a list of file names without a path, got a list',
  ],
  ["core.model = true", 'Wrong value for "core.model" in FILE: expected text in quotes that is not empty, got true'],
  ["\nmodel = gpt", 'Cannot read config "FILE": line 2 is not valid TOML: invalid value (text stands in quotes)'],
  ["a = 1\n\n[x\n", 'Cannot read config "FILE": line 3 is not valid TOML: illegal character in key'],
  [
    'model = "a"\nmodel = "b"',
    'Cannot read config "FILE": line 2 is not valid TOML: trying to redefine an already defined table or value',
  ],
  ['key = "sk-123', 'Cannot read config "FILE": line 1 is not valid TOML: unfinished string'],
];
for (const [text, message] of wrong) {
  test(`a wrong config is one sentence: ${JSON.stringify(text)}`, async (t) => {
    const place = tempHome(t);
    const file = place.write(USER, text);
    assert.deepEqual(await load(place), { kind: "invalid", message: message.replaceAll("FILE", file) });
  });
}

test("what is wrong in -c, a variable or a flag names that", async (t) => {
  const place = tempHome(t);
  const messages = async (more: Partial<ConfigSources>): Promise<string> => {
    const result = await load(place, more);
    return result.kind === "invalid" ? result.message : "ok";
  };
  assert.equal(
    await messages({ overrides: ["model_context_window=big"] }),
    'Wrong value for "model_context_window" in -c: expected a whole number from 1 on, got "big"',
  );
  assert.equal(
    await messages({ overrides: ["model="] }),
    'Wrong value for "model" in -c: expected text in quotes that is not empty, got ""',
  );
  for (const pair of ["model", "=x", "a..b=1", "a b=1", "", '"a=1'])
    assert.equal(
      await messages({ overrides: [pair] }),
      "-c takes KEY=VALUE, with a key such as model or compaction.guidance",
      pair,
    );
  assert.match(await messages({ flags: { sandbox_mode: "off" } }), /^Wrong value for "sandbox_mode" in --sandbox: /);
  assert.match(
    await messages({ env: { ...place.env, OPENAI_BASE_URL: "x" } }),
    /^Wrong value for "openai_base_url" in OPENAI_BASE_URL: /,
  );
});

test("a home that cannot be read is one clear sentence", async (t) => {
  const place = tempHome(t);
  const message = async (home: string): Promise<string> => {
    const result = await load(place, { home });
    return result.kind === "invalid" ? result.message : "ok";
  };
  const file = place.write("file", "");
  assert.equal(
    await message(file),
    `Cannot use "${file}" as home: it is a file, not a folder; set GODWIT_HOME to a folder`,
  );
  const folder = join(place.root, "folder");
  mkdirSync(join(folder, "config.toml"), { recursive: true });
  assert.equal(await message(folder), `Cannot read config "${join(folder, "config.toml")}": it is a folder`);
  const bytes = place.write("latin/config.toml", "");
  spawnSync("sh", ["-c", 'printf "model = \\"\\351\\"" > "$0"', bytes]);
  assert.equal(await message(join(place.root, "latin")), `Cannot read config "${bytes}": it is not text in UTF-8`);
});

test("a home that belongs to somebody else is one clear sentence", (t) => {
  const place = tempHome(t);
  const file = place.write(USER, 'model = "x"');
  chmodSync(place.home, 0o000);
  chmodSync(place.root, 0o755);
  const program = `
    const { loadConfig } = await import(${JSON.stringify(join(import.meta.dirname, "../../src/config/load-config.ts"))});
    process.stdout.write(JSON.stringify(await loadConfig({ cwd: "/", env: {}, home: ${JSON.stringify(place.home)} })));
  `;
  const asNobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  const child = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    ...asNobody,
    cwd: "/",
    encoding: "utf8",
  });
  chmodSync(place.home, 0o700);
  if (child.status !== 0) return t.skip(`needs to run as another user: ${child.stderr ?? ""}`);
  assert.deepEqual(JSON.parse(child.stdout), {
    kind: "invalid",
    message: `Cannot read config "${file}": permission denied; make it readable, or set GODWIT_HOME to another folder`,
  });
});
