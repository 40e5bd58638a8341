/** The rehearsal's wire, read by the official client and by hand. */
import assert from "node:assert/strict";
import { test } from "node:test";
import OpenAI from "openai";
import { type Rehearsal, type RehearsalOptions, startRehearsal } from "../../src/rehearsal/server.ts";
import { TASK, TOOLS } from "./drive.ts";

async function serve(t: { after(run: () => Promise<void>): void }, options: RehearsalOptions = {}): Promise<Rehearsal> {
  const server = await startRehearsal({ now: () => 1_700_000_000_000, ...options });
  t.after(() => server.close());
  return server;
}

const post = (server: Rehearsal, body: unknown): Promise<Response> =>
  fetch(`${server.url}/responses`, { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body) });

const BODY = { model: "rehearsal", input: TASK, tools: TOOLS, instructions: "Be brief." };

test("a stream has the events of the real API in their order", async (t) => {
  const server = await serve(t);
  const text = await (await post(server, { ...BODY, stream: true })).text();
  const events = text
    .trim()
    .split("\n\n")
    .map((block) => JSON.parse(block.split("\ndata: ")[1]!));
  const kinds = events.map((event) => event.type).filter((type, index, all) => type !== all[index - 1]);
  assert.deepEqual(kinds, [
    "response.created",
    "response.in_progress",
    "response.output_item.added",
    "response.content_part.added",
    "response.output_text.delta",
    "response.output_text.done",
    "response.content_part.done",
    "response.output_item.done",
    "response.output_item.added",
    "response.function_call_arguments.delta",
    "response.function_call_arguments.done",
    "response.output_item.done",
    "response.completed",
  ]);
  assert.deepEqual(
    events.map((event) => event.sequence_number),
    events.map((_, index) => index),
  );
  const deltas = events.filter((event) => event.type === "response.function_call_arguments.delta");
  const { output } = events.at(-1).response;
  assert.equal(deltas.map((event) => event.delta).join(""), output[1].arguments);
  assert.equal(server.requests(), 1);
});

test("the official client reads it, with and without a stream", async (t) => {
  const server = await serve(t);
  const client = new OpenAI({ baseURL: server.url, apiKey: "none", maxRetries: 0 });
  const whole = await client.responses.create({ model: "rehearsal", input: "Hello", store: false });
  assert.match(whole.output_text, /not a language model/);
  const stream = client.responses.stream({ model: "rehearsal", input: "Hello", store: false });
  assert.equal((await stream.finalResponse()).output_text, whole.output_text);
  assert.deepEqual(
    (await client.models.list()).data.map((model) => model.id),
    ["rehearsal"],
  );
});

test("a longer prompt with the same beginning is counted as cached, in blocks", async (t) => {
  const server = await serve(t);
  const long = { ...BODY, instructions: "word ".repeat(2000) };
  const usage = async (body: unknown) =>
    (
      (await (await post(server, body)).json()) as {
        usage: { input_tokens: number; input_tokens_details: { cached_tokens: number } };
      }
    ).usage;
  assert.equal((await usage(long)).input_tokens_details.cached_tokens, 0);
  const items = [
    { role: "user", content: TASK },
    { role: "user", content: "more" },
  ];
  await usage({ ...long, input: items });
  const { input_tokens, input_tokens_details } = await usage({
    ...long,
    input: [...items, { role: "user", content: "x" }],
  });
  const cached = input_tokens_details.cached_tokens;
  assert.ok(cached % 128 === 0 && cached > 2048 && cached <= input_tokens, `${cached} of ${input_tokens}`);
  assert.equal((await usage({ ...BODY, tools: [], instructions: "other" })).input_tokens_details.cached_tokens, 0);
});

test("a prompt over the limit fails as at a real provider", async (t) => {
  const server = await serve(t, { limit: 500 });
  const body = { ...BODY, instructions: "word ".repeat(2000) };
  const text = await (await post(server, { ...body, stream: true })).text();
  const last = JSON.parse(text.trim().split("\ndata: ").at(-1)!);
  assert.equal(last.type, "response.failed");
  assert.equal(last.response.error.code, "context_length_exceeded");
  assert.equal((await post(server, body)).status, 400);
  assert.equal((await post(server, BODY)).status, 200);
});

test("bad requests get a sentence", async (t) => {
  const server = await serve(t);
  for (const [body, message] of [
    ["{", /not valid JSON/],
    ["[]", /must be a JSON object/],
    [{ model: "x" }, /"input"/],
    [{ input: [{ type: "function_call" }] }, /"call_id" is missing/],
  ] as const) {
    const response = await post(server, body);
    assert.equal(response.status, 400);
    assert.match(((await response.json()) as { error: { message: string } }).error.message, message);
  }
  assert.equal((await fetch(`${server.url}/nothing`)).status, 404);
});

test("equal requests get equal answers, and ids differ between requests", async (t) => {
  const server = await serve(t);
  const first = await (await post(server, BODY)).json();
  assert.deepEqual(await (await post(server, BODY)).json(), first);
  const other = (await (await post(server, { ...BODY, instructions: "x" })).json()) as { id: string };
  assert.notEqual(other.id, (first as { id: string }).id);
});
