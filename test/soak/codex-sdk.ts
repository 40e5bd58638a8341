/**
 * Codex SDK: the official `@openai/codex-sdk` drives `bin/godwit` through `codexPathOverride`.
 *
 * Outside `npm test`, since it installs that package (without its 411 MB of binaries) into a temporary folder.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Soak } from "../../scripts/soak.ts";
import { call, fail, say, startScriptedModel } from "../support/scripted-model.ts";

const SDK = "@openai/codex-sdk@0.163.0";

/** The parts of the SDK that are used here. */
interface Sdk {
  readonly Codex: new (
    options: object,
  ) => {
    startThread(options: object): Thread;
    resumeThread(id: string, options: object): Thread;
  };
}
interface Thread {
  readonly id: string | null;
  run(
    input: string,
    options?: object,
  ): Promise<{ finalResponse: string; items: { type: string }[]; usage: Record<string, number> }>;
  runStreamed(input: string): Promise<{ events: AsyncIterable<{ type: string }> }>;
}

export const soak: Soak = async ({ log }) => {
  const folder = mkdtempSync(join(tmpdir(), "godwit-sdk-"));
  const claims: [string, () => Promise<void>][] = [];
  try {
    writeFileSync(join(folder, "package.json"), '{"private":true,"type":"module"}\n');
    execFileSync("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--omit=optional", SDK], {
      cwd: folder,
      stdio: "ignore",
    });
    const { Codex } = (await import(
      pathToFileURL(join(folder, "node_modules/@openai/codex-sdk/dist/index.js")).href
    )) as Sdk;
    const model = await startScriptedModel([
      call("exec_command", { cmd: "echo from-the-shell" }),
      say("First answer."),
      say("Second answer."),
      say('{"colour":"blue"}'),
      call("exec_command", { cmd: "true" }),
      say("Streamed answer."),
      fail(400, { error: { message: "No such thing.", code: "bad" } }),
    ]);
    const env = { PATH: process.env.PATH ?? "", HOME: folder, GODWIT_HOME: join(folder, "home") };
    const codex = new Codex({
      codexPathOverride: resolve(import.meta.dirname, "../../bin/godwit"),
      baseUrl: model.url,
      apiKey: "sk-not-a-key",
      env,
    });
    const options = {
      model: "test-model",
      sandboxMode: "danger-full-access",
      workingDirectory: folder,
      skipGitRepoCheck: true,
    };
    const thread = codex.startThread(options);
    let used = 0;
    claims.push(
      [
        "a thread runs: final response, items and usage",
        async () => {
          const turn = await thread.run("Do it.");
          assert.equal(turn.finalResponse, "First answer.");
          assert.deepEqual(
            turn.items.map(({ type }) => type),
            ["command_execution", "agent_message"],
          );
          used = turn.usage.input_tokens ?? 0;
          assert.ok(used > 0);
        },
      ],
      [
        "it is resumed with its id, and usage goes on counting",
        async () => {
          const turn = await codex.resumeThread(thread.id as string, options).run("And again.");
          assert.equal(turn.finalResponse, "Second answer.");
          assert.ok((turn.usage.input_tokens ?? 0) > used);
          const sent = model.requests[2]?.body as unknown as { input: unknown[] };
          assert.ok(JSON.stringify(sent.input).includes("First answer."));
        },
      ],
      [
        "outputSchema reaches the model as a strict format",
        async () => {
          const outputSchema = {
            type: "object",
            properties: { colour: { type: "string" } },
            required: ["colour"],
            additionalProperties: false,
          };
          const turn = await codex.startThread(options).run("Which?", { outputSchema });
          assert.deepEqual(JSON.parse(turn.finalResponse), { colour: "blue" });
          const sent = model.requests[3]?.body as unknown as {
            text?: { format?: { schema?: unknown; strict?: boolean } };
          };
          assert.deepEqual(sent.text?.format?.schema, outputSchema);
          assert.equal(sent.text?.format?.strict, true);
        },
      ],
      [
        "events stream in the SDK's order",
        async () => {
          const types: string[] = [];
          for await (const event of (await codex.startThread(options).runStreamed("Stream.")).events)
            types.push(event.type);
          assert.equal(types[0], "thread.started");
          assert.equal(types[1], "turn.started");
          assert.equal(types.at(-1), "turn.completed");
          assert.ok(types.includes("item.started") && types.includes("item.completed"));
        },
      ],
      [
        "a refused request is an error with the provider's words",
        async () => {
          await assert.rejects(codex.startThread(options).run("Fail."), /No such thing/);
        },
      ],
    );
    let failed = 0;
    for (const [claim, check] of claims) {
      try {
        await check();
        log(`ok      ${claim}`);
      } catch (error) {
        failed++;
        log(`FAILED  ${claim}\n${error instanceof Error ? error.stack : error}`);
      }
    }
    await model.close();
    return { passed: claims.length - failed, failed };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
