import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { compose, type Wish } from "../../src/cli/compose.ts";
import { openSession } from "../../src/engine/session.ts";
import { runTurn } from "../../src/engine/turn.ts";
import { modelInfo } from "../../src/upstream/models.ts";
import { printRequest, type Request } from "../../src/wire/request.ts";
import { drain, memoryLog, says, scriptedPort } from "../support/engine.ts";

const never = new AbortController().signal;
const GOLDEN = join(import.meta.dirname, "../fixtures/golden");

const wish = (more: Partial<Wish> = {}): Wish => ({
  thread: "01900000-0000-7000-8000-000000000000",
  cwd: "/project",
  env: { SHELL: "/bin/bash" },
  provider: { id: "openai", name: "OpenAI", base_url: "http://127.0.0.1:9/v1", wire_api: "responses" },
  model: "gpt-5.5",
  info: modelInfo("gpt-5.5"),
  limit: 272_000,
  sandbox: "danger-full-access",
  approval: "never",
  budget: {},
  developerInstructions: "Answer in English.",
  agentsMaxBytes: 32_768,
  agentsFallbacks: [],
  schema: null,
  maxRequests: 0,
  maxTokens: 0,
  spillDir: "/nowhere",
  now: () => Date.UTC(2026, 10, 21),
  ...more,
});

const utf8 = new TextDecoder();
const body = (request: Request): string => {
  const text = printRequest(request)
    .chunks.map((chunk) => utf8.decode(chunk))
    .join("");
  return `${JSON.stringify(JSON.parse(text), null, 1)}\n`;
};

/** Compare with the golden file; `UPDATE_GOLDEN=1` writes it, for a change that is meant. */
function assertGolden(name: string, text: string): void {
  const file = join(GOLDEN, name);
  if (process.env.UPDATE_GOLDEN) writeFileSync(file, text);
  assert.equal(text, readFileSync(file, "utf8"));
}

async function ask(one: Wish, log = memoryLog()): Promise<{ requests: Request[]; log: ReturnType<typeof memoryLog> }> {
  const composed = compose(one, log);
  if (composed.kind !== "ok") throw new Error(composed.message);
  const model = scriptedPort([[says("Done.")]]);
  await drain(runTurn(await openSession({ ...composed.ports, model }, composed.setup), "Do it.", never));
  await composed.run.close();
  return { requests: model.seen.map(({ request }) => request), log };
}

test("the first request of a GPT model is the golden one: base, permissions, instructions, AGENTS.md, environment, words", async () => {
  const cwd = mkdtempSync(join(tmpdir(), "golden-"));
  writeFileSync(join(cwd, "AGENTS.md"), "Use tabs.\n");
  const { requests } = await ask(wish({ cwd }));
  assertGolden("first-request-gpt.json", body(requests[0] as Request).replaceAll(cwd, "/project"));
  rmSync(cwd, { recursive: true });
});

test("a model of another family gets instructions and the patch tool as a function", async () => {
  const { requests } = await ask(
    wish({ model: "qwen3-coder", info: modelInfo("qwen3-coder"), limit: 131_072, developerInstructions: "" }),
  );
  assertGolden("first-request-other.json", body(requests[0] as Request));
});

test("a changed mode and folder are appended in the same form; the golden prefix stays", async () => {
  const { log, requests } = await ask(wish());
  const again = await ask(wish({ sandbox: "read-only", cwd: "/elsewhere" }), log);
  const [before, after] = [requests[0], again.requests[0]] as [Request, Request];
  const text = (request: Request) => request.input.map((item) => utf8.decode(item));
  assert.deepEqual(text(after).slice(0, before.input.length), text(before));
  assertGolden(
    "changed-mode-and-folder.json",
    `${JSON.stringify(
      text(after)
        .slice(before.input.length)
        .map((item) => JSON.parse(item)),
      null,
      1,
    )}\n`,
  );
});

test("equal threads give equal bytes", async () => {
  const [one, two] = [await ask(wish()), await ask(wish())];
  assert.equal(body(one.requests[0] as Request), body(two.requests[0] as Request));
});

test("a line below what no fold can take away is refused with the least that works", () => {
  const low = compose(wish({ budget: { autoCompactLimit: 2500 } }), memoryLog());
  assert.match(
    low.kind === "refused" ? low.message : "",
    /Cannot fold above 2500 tokens: .* take \d+, and a folded thread needs \d+/,
  );
  assert.equal(compose(wish({ budget: { autoCompactLimit: 60_000 } }), memoryLog()).kind, "ok");
  assert.equal(compose(wish({ budget: { autoCompactLimit: 0 } }), memoryLog()).kind, "ok");
});
