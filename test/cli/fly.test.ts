/** What a turn leaves behind when it cannot even be told. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openMemoryLog } from "../../src/archive/memory-log.ts";
import { parseArgs } from "../../src/cli/args.ts";
import { compose, type Wish } from "../../src/cli/compose.ts";
import { fly } from "../../src/cli/fly.ts";
import { modelInfo } from "../../src/upstream/models.ts";
import { tempHome } from "../support/temp-home.ts";

test("a turn that throws leaves no command, no file and no handler behind", async (t) => {
  const { root, project } = tempHome(t);
  const args = parseArgs(["exec", "--ephemeral", "--json", "Go."]);
  assert.ok(args.kind === "exec");
  const wish: Wish = {
    thread: "01900000-0000-7000-8000-000000000000",
    cwd: project,
    env: { PATH: process.env.PATH },
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
  };
  mkdirSync(wish.spillDir);
  writeFileSync(join(wish.spillDir, "output"), "long");
  const log = openMemoryLog();
  const composed = compose(wish, log);
  assert.ok(composed.kind === "ok");
  const child = await composed.run.start({ argv: ["/bin/sleep", "1000"], cwd: project });
  const listeners = () => ["exit", "SIGINT", "SIGTERM", "SIGHUP"].map((name) => process.listenerCount(name));
  const before = listeners();
  log.close(); // the session cannot be opened now
  await assert.rejects(fly(composed, { wish, words: ["Go."], options: args.options, log }), /it is closed/);
  assert.notEqual(child.exit(), null);
  assert.equal(existsSync(wish.spillDir), false);
  assert.deepEqual(listeners(), before);
});
