/** Providers: the built-in table, and what a fresh machine uses. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { builtInProviders, defaultFor } from "../../src/upstream/providers.ts";

describe("providers", () => {
  it("are six, and only the address of OpenAI can be set from outside the table", () => {
    const ids = builtInProviders().map((provider) => provider.id);
    assert.deepEqual(ids, ["openai", "openrouter", "anthropic", "google", "ollama", "lmstudio"]);
    const [openai, ...rest] = builtInProviders("http://localhost:9/v1");
    assert.equal(openai?.base_url, "http://localhost:9/v1");
    assert.deepEqual(rest, builtInProviders().slice(1));
  });

  for (const [claim, env, expected] of [
    ["OpenAI first", { OPENAI_API_KEY: "a", OPENROUTER_API_KEY: "b" }, ["openai", "gpt-5.5", "OPENAI_API_KEY"]],
    ["OpenRouter alone", { OPENROUTER_API_KEY: "b" }, ["openrouter", "openai/gpt-5.5", "OPENROUTER_API_KEY"]],
    [
      "OpenRouter before a key it cannot use yet",
      { ANTHROPIC_API_KEY: "c", OPENROUTER_API_KEY: "b" },
      ["openrouter", "openai/gpt-5.5", "OPENROUTER_API_KEY"],
    ],
  ] as const) {
    it(`chooses ${claim}`, () => {
      const chosen = defaultFor(env);
      assert.ok(chosen.kind === "chosen");
      assert.deepEqual([chosen.provider.id, chosen.model, chosen.envKey], expected);
    });
  }

  for (const [envKey, wire] of [
    ["ANTHROPIC_API_KEY", "anthropic"],
    ["GEMINI_API_KEY", "google"],
  ] as const) {
    it(`says in one sentence why ${envKey} alone does not do yet`, () => {
      const chosen = defaultFor({ [envKey]: "x" });
      assert.ok(chosen.kind === "unavailable" && chosen.envKey === envKey);
      assert.ok(chosen.message.startsWith(`${envKey} is set, but `));
      assert.ok(chosen.message.includes(`wire_api "${wire}"`) && chosen.message.includes("OPENROUTER_API_KEY"));
    });
  }

  it("chooses nothing without a key, or with an empty one", () => {
    assert.deepEqual(defaultFor({}), { kind: "none" });
    assert.deepEqual(defaultFor({ OPENAI_API_KEY: " " }), { kind: "none" });
  });
});
