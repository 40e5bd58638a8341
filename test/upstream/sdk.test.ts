/** The official SDK against the scripted model: the fixture speaks the real wire, not merely ours. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import OpenAI from "openai";
import { call, custom, fail, failed, reasoning, say, startScriptedModel, together } from "../support/scripted-model.ts";

describe("the official SDK against the scripted model", () => {
  it("streams every kind of part and collects the same answer", async (test) => {
    const server = await startScriptedModel([
      together(
        reasoning("let me see", "sealed"),
        say("Hello", { deltas: 5 }),
        call("f", { a: 1 }, { id: "c1" }),
        custom("g", "free text"),
      ),
    ]);
    test.after(() => server.close());
    const client = new OpenAI({ apiKey: "none", baseURL: server.url, maxRetries: 0 });
    const stream = client.responses.stream({ model: "m", input: "hi", store: false });
    const types: string[] = [];
    stream.on("event", (event) => void types.push(event.type));
    const final = await stream.finalResponse();
    assert.equal(final.output_text, "Hello");
    assert.deepEqual(
      final.output.map((item) => item.type),
      ["reasoning", "message", "function_call", "custom_tool_call"],
    );
    assert.equal(final.usage?.total_tokens, (final.usage?.input_tokens ?? 0) + (final.usage?.output_tokens ?? 0));
    assert.equal(types.filter((type) => type === "response.output_text.delta").length, 5);
    assert.equal(types[0], "response.created");
    assert.equal(types.at(-1), "response.completed");
  });

  it("reads an answer without a stream, and errors", async (test) => {
    const words = { error: { message: "slow", type: "rate_limit", code: "rate_limit_exceeded" } };
    const server = await startScriptedModel([say("Hi"), fail(429, words), failed("server_error", "boom")]);
    test.after(() => server.close());
    const client = new OpenAI({ apiKey: "none", baseURL: server.url, maxRetries: 0 });
    const whole = await client.responses.create({ model: "m", input: [{ role: "user", content: "hi" }] });
    assert.equal(whole.output_text, "Hi");
    await assert.rejects(client.responses.create({ model: "m", input: [] }), {
      status: 429,
      code: "rate_limit_exceeded",
    });
    const stream = await client.responses.create({ model: "m", input: [], stream: true });
    const types: string[] = [];
    for await (const event of stream) types.push(event.type);
    assert.equal(types.at(-1), "response.failed");
  });
});
