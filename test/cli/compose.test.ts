/** What a thread is wired to: its tools' environment, their secrets, and patches that come through the shell. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { compose, type Wish } from "../../src/cli/compose.ts";
import type { ToolAnswer } from "../../src/engine/ports.ts";
import { modelInfo } from "../../src/upstream/models.ts";
import { memoryLog } from "../support/engine.ts";
import { tempHome } from "../support/temp-home.ts";

const never = new AbortController().signal;

/** The composed ports of a wish, and a shell command run on them. */
function stage(t: TestContext, more: Partial<Wish> = {}) {
  const { root, project } = tempHome(t);
  const composed = compose(
    {
      thread: "01900000-0000-7000-8000-000000000000",
      cwd: project,
      env: { SHELL: "/bin/bash", PATH: process.env.PATH },
      provider: { id: "acme", name: "Acme", base_url: "http://127.0.0.1:9/v1", wire_api: "responses" },
      model: "gpt-5.5",
      info: modelInfo("gpt-5.5"),
      limit: 272_000,
      sandbox: "danger-full-access",
      approval: "never",
      budget: {},
      developerInstructions: "",
      agentsMaxBytes: 0,
      agentsFallbacks: [],
      schema: null,
      maxRequests: 0,
      maxTokens: 0,
      spillDir: join(root, "spill"),
      now: () => Date.UTC(2026, 10, 21),
      ...more,
    },
    memoryLog(),
  );
  if (composed.kind !== "ok") throw new Error(composed.message);
  const { ports, run } = composed;
  t.after(() => run.close());
  const tool = ports.tools.find(({ spec }) => spec.name === "exec_command");
  const exec = (args: object, signal = never): Promise<ToolAnswer> => {
    if (!tool) throw new Error("there is no exec_command");
    return tool.run(JSON.stringify(args), { cwd: project, outputTokens: 10_000, progress: () => {} }, signal);
  };
  return { ports, project, exec };
}

test("the provider's own keys reach no command, and no text as they are, whatever their names", async (t) => {
  const secrets = {
    ACME_LLM: "plainwords-and-more",
    ACME_TENANT: "tenant of the month",
    fixed: "some fixed header value",
  };
  const { exec, ports } = stage(t, {
    env: { PATH: process.env.PATH, ACME_LLM: secrets.ACME_LLM, ACME_TENANT: secrets.ACME_TENANT, OTHER: "stays here" },
    provider: {
      id: "acme",
      name: "Acme",
      base_url: "http://127.0.0.1:9/v1",
      wire_api: "responses",
      env_key: "ACME_LLM",
      env_http_headers: { "X-Tenant": "ACME_TENANT" },
      http_headers: { "X-Fixed": secrets.fixed },
    },
  });
  const { output } = await exec({ cmd: "env; printenv ACME_LLM || echo unset" });
  assert.match(String(output), /^OTHER=stays here$/m);
  assert.match(String(output), /^unset$/m);
  assert.doesNotMatch(String(output), /plainwords|of the month|^ACME/m);
  for (const secret of Object.values(secrets)) assert.match(ports.mask(`<${secret}>`), /^<\[secret:[\w-]+\]>$/);
});

test("shell_environment_policy decides what a command finds", async (t) => {
  const env = { PATH: process.env.PATH, HOME: "/here", A_TOKEN: "abcd1234efgh", B: "b", C_ONE: "c" };
  const { exec, ports } = stage(t, {
    env,
    shellEnvironment: { exclude: ["c_*"], ignore_default_excludes: true, set: { D_SECRET: "dddd4444" } },
  });
  const { output } = await exec({ cmd: "echo $B-$C_ONE-$A_TOKEN-$D_SECRET" });
  assert.equal(String(output).split("\n")[1], "b--[secret:A_TOKEN]-[secret:D_SECRET]");
  assert.equal(ports.mask("dddd4444"), "[secret:D_SECRET]");
});

const patchOf = (line: string): string => `apply_patch <<'EOF'\n*** Begin Patch\n${line}\n+a\n*** End Patch\nEOF`;

test("a patch in a shell command is applied where the command would have gone", async (t) => {
  const { exec, project } = stage(t);
  mkdirSync(join(project, "sub"));
  const folder = realpathSync(join(project, "sub"));
  await exec({ cmd: `cd sub && ${patchOf("*** Add File: near")}` });
  await exec({ cmd: `cd ${folder} && ${patchOf("*** Add File: far")}` });
  assert.equal(readFileSync(join(folder, "near"), "utf8"), "a\n");
  assert.equal(readFileSync(join(folder, "far"), "utf8"), "a\n");
});

test("a patch in a shell command is not applied once the turn was interrupted", async (t) => {
  const { exec, project } = stage(t);
  const { result } = await exec({ cmd: patchOf("*** Add File: new") }, AbortSignal.abort());
  assert.equal(result.ok, false);
  assert.equal(existsSync(join(project, "new")), false);
});
