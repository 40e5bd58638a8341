/** Models: what is known of one by its name. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { modelInfo } from "../../src/upstream/models.ts";

describe("models", () => {
  for (const [model, family, limit, place, patch, images, reasons] of [
    ["gpt-5.5", "openai-gpt", 272_000, "developer", "custom", true, true],
    ["gpt-6.1-sol", "openai-gpt", 272_000, "developer", "custom", true, true],
    ["o3", "openai-gpt", 200_000, "developer", "function", true, true],
    ["o4-mini", "openai-gpt", 200_000, "developer", "function", true, true],
    ["gpt-4.1-mini", "openai-gpt", 1_047_576, "developer", "function", true, false],
    ["gpt-oss:20b", "gpt-oss", 131_072, "instructions", "function", false, true],
    ["claude-sonnet-4-5", "anthropic-claude", 200_000, "instructions", "function", true, false],
    ["gemini-2.5-pro", "google-gemini", 1_048_576, "instructions", "function", true, false],
    ["Qwen3-Coder-480B", "qwen", 131_072, "instructions", "function", false, false],
    ["llama3.3:70b", "llama", 131_072, "instructions", "function", false, false],
    ["deepseek-chat", "deepseek", 131_072, "instructions", "function", false, false],
    ["rehearsal", "rehearsal", 128_000, "instructions", "function", false, false],
    ["orca-9", "orca-9", 128_000, "instructions", "function", false, false],
    ["", "unknown", 128_000, "instructions", "function", false, false],
    ["openai/gpt-5.5", "openai-gpt", 272_000, "developer", "function", true, true],
    ["meta-llama/Llama-4-Scout", "llama", 131_072, "instructions", "function", true, false],
  ] as const) {
    it(`knows "${model}" as ${family}`, () => {
      const { reasoning, parallelToolCalls, ...about } = modelInfo(model);
      assert.deepEqual(about, { family, limit, place, patch, images });
      assert.equal(reasoning !== null, reasons);
      assert.equal(parallelToolCalls, true);
    });
  }
});
