/** The Responses model over real sockets: events, retries, endings. */
import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import type { ModelEvent } from "../../src/engine/ports.ts";
import { UpstreamError } from "../../src/upstream/upstream-error.ts";
import {
  call,
  createGate,
  custom,
  cutAfter,
  events,
  fail,
  failed,
  garbage,
  gated,
  hang,
  reasoning,
  type Script,
  type ScriptedOptions,
  say,
  startScriptedModel,
  together,
} from "../support/scripted-model.ts";
import { type Asking, ask, errorOf, kinds, modelOf, provider, request, textOf } from "./ask.ts";

async function serve(test: TestContext, script: Script, options?: ScriptedOptions) {
  const server = await startScriptedModel(script, options);
  test.after(() => server.close());
  return server;
}

/** Ask a scripted server once; waits are noted, not waited for. */
async function run(
  test: TestContext,
  script: Script,
  more: Partial<Asking> & { config?: Parameters<typeof provider>[1] } = {},
) {
  const server = await serve(test, script);
  const delays: number[] = [];
  const onDelay = (ms: number) => void delays.push(ms);
  const told = await ask({ provider: provider(server.url, more.config), onDelay, ...more });
  return { told, delays, requests: server.requests, count: server.requests.length };
}

const retries = (told: readonly ModelEvent[]) =>
  told.flatMap((event) => (event.kind === "retry" ? [`${event.attempt}/${event.of}`] : []));

describe("responses: an answer", () => {
  it("tells deltas, whole items and the usage, in order", async (test) => {
    const answer = together(
      reasoning("think", "sealed"),
      say("Hello you"),
      call("f", { a: 1 }, { id: "c1" }),
      custom("apply_patch", "*** x"),
    );
    const { told, count } = await run(test, [answer]);
    assert.equal(count, 1);
    assert.deepEqual(kinds(told), ["reasoning", "item", "text", "item", "completed"]);
    assert.equal(textOf(told), "Hello you");
    assert.deepEqual(
      told.flatMap((event) => (event.kind === "item" ? [event.item] : [])),
      [
        {
          id: "rs_1_0",
          type: "reasoning",
          summary: [{ type: "summary_text", text: "think" }],
          encrypted_content: "sealed",
        },
        {
          id: "msg_1_1",
          type: "message",
          status: "completed",
          role: "assistant",
          content: [{ type: "output_text", text: "Hello you", annotations: [] }],
        },
        { id: "fc_1_2", type: "function_call", call_id: "c1", name: "f", status: "completed", arguments: '{"a":1}' },
        {
          id: "ctc_1_3",
          type: "custom_tool_call",
          call_id: "call_1_3",
          name: "apply_patch",
          status: "completed",
          input: "*** x",
        },
      ],
    );
    const last = told.at(-1);
    assert.ok(
      last?.kind === "completed" && last.usage !== null && last.usage.inputTokens > 0 && last.usage.outputTokens > 0,
    );
  });

  it("sends the body as printed, and only the headers that are needed", async (test) => {
    const { requests } = await run(test, [say("x")], {
      env: { KEY: "sk-secret-1", TEAM: "blue", NONE: "" },
      config: {
        env_key: "KEY",
        http_headers: { "X-Title": "Godwit" },
        env_http_headers: { "X-Team": "TEAM", "X-None": "NONE" },
        query_params: { "api-version": "1" },
      },
    });
    const [recorded] = requests;
    assert.equal(recorded?.path, "/v1/responses?api-version=1");
    const { host, ...headers } = recorded.headers;
    assert.ok(host);
    assert.deepEqual(headers, {
      accept: "text/event-stream",
      authorization: "Bearer sk-secret-1",
      connection: "keep-alive",
      "content-length": String(recorded.raw.length),
      "content-type": "application/json",
      "user-agent": "godwit/test",
      "x-team": "blue",
      "x-title": "Godwit",
    });
    assert.deepEqual(recorded.body.input, [
      { type: "message", role: "user", content: [{ type: "input_text", text: "hi" }] },
    ]);
  });

  for (const [claim, leaves] of [
    ["read to the end", false],
    ["left at `completed`", true],
  ] as const) {
    it(`keeps one connection for many requests, each ${claim}`, async (test) => {
      const server = await serve(test, () => say("x"));
      const model = modelOf({ provider: provider(server.url) });
      for (let n = 1; n <= 5; n++) {
        for await (const event of model.stream(request, new AbortController().signal)) {
          assert.notEqual(event.kind, "failed");
          if (leaves && event.kind === "completed") break;
        }
        await server.requests[n - 1]?.closed;
        for (let round = 0; round < 2; round++) await new Promise((resolve) => setImmediate(resolve)); // the end comes in
      }
      assert.equal(server.connections(), 1);
    });
  }

  it("takes items that only the end of the answer holds, and none twice", async (test) => {
    const item = (id: string) => ({ type: "message", id, role: "assistant", content: [] });
    const { told } = await run(test, [
      events([
        { type: "response.output_item.done", output_index: 0, item: item("a") },
        {
          type: "response.completed",
          response: { id: "r", output: [item("other id, same place"), item("b"), item("a")], usage: null },
        },
      ]),
    ]);
    assert.deepEqual(told, [
      { kind: "item", item: item("a") },
      { kind: "item", item: item("b") },
      { kind: "completed", usage: null },
    ]);
  });

  it("counts an answer cut at max_output_tokens as one, without its half call", async (test) => {
    const message = { type: "message", id: "m", role: "assistant", content: [], status: "incomplete" };
    const half = { type: "function_call", call_id: "c", name: "f", arguments: '{"a', status: "incomplete" };
    const response = { incomplete_details: { reason: "max_output_tokens" }, output: [message, half], usage: null };
    const { told } = await run(test, [events([{ type: "response.incomplete", response }])]);
    assert.deepEqual(told, [
      { kind: "item", item: message },
      { kind: "completed", usage: null, cut: "max_output_tokens" },
    ]);
  });

  it("reads an answer that comes all at once from a server without streams", async (test) => {
    const output = [{ type: "message", id: "m", role: "assistant", content: [] }];
    const { told } = await run(test, [fail(200, { object: "response", status: "completed", output, usage: null })]);
    assert.deepEqual(told, [
      { kind: "item", item: output[0] },
      { kind: "completed", usage: null },
    ]);
  });

  it("copes with CRLF, comments, unknown events and [DONE]", async (test) => {
    const lines = [
      ": keep-alive",
      "",
      'data: {"type":"response.new_thing","x":1}',
      "",
      'data: {"type":"response.output_text.delta","delta":"ok"}',
      "",
      'data: {"type":"response.completed","response":{}}',
      "",
      "data: [DONE]",
      "",
      "",
    ];
    const { told } = await run(test, [garbage(lines.join("\r\n"))]);
    assert.deepEqual(told, [
      { kind: "text", delta: "ok" },
      { kind: "completed", usage: null },
    ]);
  });
});

describe("responses: retries", () => {
  for (const [status, expected] of [
    [500, 5],
    [502, 5],
    [503, 5],
    [529, 5],
    [408, 5],
    [409, 5],
    [429, 6],
    [400, 1],
    [401, 1],
    [403, 1],
    [404, 1],
    [422, 1],
    [301, 1],
  ] as const) {
    it(`asks ${expected} time(s) when the status is ${status}`, async (test) => {
      const { told, count } = await run(test, () => fail(status, { error: { message: "no" } }));
      assert.equal(count, expected);
      assert.equal(retries(told).length, expected - 1);
      assert.equal(errorOf(told).status, status);
    });
  }

  it("backs off 200 ms doubled each time", async (test) => {
    const { delays, told } = await run(test, () => cutAfter(4, say("half an answer")));
    assert.deepEqual(delays, [200, 400, 800, 1600, 3200]);
    assert.deepEqual(retries(told), ["1/5", "2/5", "3/5", "4/5", "5/5"]);
    assert.equal(errorOf(told).kind, "stream-cut");
  });

  it("never asks more often than both budgets together", async (test) => {
    const { count } = await run(test, (_, n) => (n % 2 === 1 ? fail(500) : cutAfter(3, say("x"))));
    assert.ok(count <= 10, `${count} requests`);
    const small = await run(test, (_, n) => (n % 2 === 1 ? fail(500) : fail(429)), {
      config: { request_max_retries: 1, stream_max_retries: 1 },
    });
    assert.equal(small.count, 3);
    const none = await run(test, () => fail(500), { config: { request_max_retries: 0, stream_max_retries: 0 } });
    assert.equal(none.count, 1);
  });

  it("tells the retry before it waits, and gives the second answer whole", async (test) => {
    const order: string[] = [];
    const { told } = await run(test, [cutAfter(5, say("lost words")), say("kept")], {
      onEvent: (event) => void order.push(event.kind),
      onDelay: () => void order.push("delay"),
    });
    assert.ok(order.indexOf("retry") < order.indexOf("delay"));
    assert.deepEqual(kinds(told), ["text", "retry", "text", "item", "completed"]);
    assert.equal(textOf(told.slice(told.findIndex((event) => event.kind === "retry"))), "kept");
  });

  for (const [claim, reply, delay] of [
    ["retry-after in seconds", fail(429, {}, { "retry-after": "7" }), 7000],
    ["retry-after-ms, which goes first", fail(503, {}, { "retry-after": "7", "retry-after-ms": "15" }), 15],
    [
      "a date, by the server's clock",
      fail(429, {}, { date: "Sat, 21 Nov 2026 10:00:00 GMT", "retry-after": "Sat, 21 Nov 2026 10:00:09 GMT" }),
      9000,
    ],
    ["words in the body", fail(429, { error: { message: "Rate limit reached. Please try again in 1.5s." } }), 1500],
    ["words in the stream", failed("rate_limit_exceeded", "Please try again in 28ms. Visit x."), 28],
  ] as const) {
    it(`waits as long as ${claim} say`, async (test) => {
      const { delays, told } = await run(test, [reply, say("ok")]);
      assert.deepEqual(delays, [delay]);
      assert.equal(told.at(-1)?.kind, "completed");
    });
  }

  it("does not sit through a wait of more than a minute, and says how long it is", async (test) => {
    const { told, count } = await run(test, () =>
      fail(429, { error: { message: "Slow down" } }, { "retry-after": "600" }),
    );
    assert.equal(count, 1);
    assert.equal(errorOf(told).kind, "rate");
    assert.match(errorOf(told).message, /wait 10 min/);
  });

  for (const [claim, reply, kind] of [
    ["the stream just ends", cutAfter(6, say("x")), "stream-cut"],
    ["the connection is torn", cutAfter(4, say("x"), "reset"), "stream-cut"],
    ["the stream is empty", garbage(""), "stream-cut"],
    ["an event is no JSON", garbage("data: {not json\n\n"), "stream-cut"],
    ["an event is no event", garbage("data: [1]\n\n"), "stream-cut"],
    ["an item is none", events([{ type: "response.output_item.done", item: { type: "function_call" } }]), "stream-cut"],
    [
      "an item would spoil the log",
      events([{ type: "response.output_item.done", item: { type: "message", role: "assistant", content: null } }]),
      "stream-cut",
    ],
    ["the bytes are noise", garbage(Uint8Array.of(0xff, 0xfe, 0, 1, 2, 10, 10)), "stream-cut"],
    ["the stream says server_error", failed("server_error", "boom"), "overload"],
    [
      "a router passes a 502 on inside the stream",
      garbage('data: {"error":{"code":502,"message":"upstream"}}\n\n'),
      "overload",
    ],
  ] as const) {
    it(`asks again as a stream when ${claim}`, async (test) => {
      const { told, count } = await run(test, () => reply, {
        config: { request_max_retries: 0, stream_max_retries: 1 },
      });
      assert.equal(count, 2);
      assert.equal(errorOf(told).kind, kind);
    });
  }

  it("gives up on an event that has no end while it still comes, and asks again as for any cut", async (test) => {
    const { told, count } = await run(test, () => garbage(Buffer.alloc(65 * 1024 * 1024, "x")), {
      config: { stream_max_retries: 1 },
    });
    assert.equal(count, 2);
    assert.equal(errorOf(told).kind, "stream-cut");
    assert.match(errorOf(told).message, /one event of the stream is longer than 64 MB/);
  });

  for (const [code, kind] of [
    ["context_length_exceeded", "context-length"],
    ["insufficient_quota", "quota"],
    ["usage_not_included", "quota"],
    ["invalid_prompt", "refused"],
    ["invalid_encrypted_content", "invalid-seal"],
    ["cyber_policy", "refused"],
  ] as const) {
    it(`does not ask again after ${code}`, async (test) => {
      const { told, count } = await run(test, () => failed(code, "words of the provider"));
      assert.equal(count, 1);
      assert.equal(errorOf(told).kind, kind);
      assert.match(errorOf(told).message, /words of the provider/);
    });
  }

  it("asks again when nobody listens, at most request_max_retries times", async (test) => {
    const server = await startScriptedModel([]);
    await server.close();
    const delays: number[] = [];
    const told = await ask({ provider: provider(server.url), onDelay: (ms) => void delays.push(ms) });
    assert.deepEqual(delays, [200, 400, 800, 1600]);
    assert.equal(errorOf(told).kind, "network");
    assert.match(errorOf(told).message, /ECONNREFUSED.*asked 5 times/);
    assert.ok(test);
  });
});

describe("responses: silence and interruption", () => {
  it("takes a stream that falls silent as idle, and asks again", async (test) => {
    const config = { stream_idle_timeout_ms: 150, stream_max_retries: 1 };
    const { told, count } = await run(test, () => hang(), { config });
    assert.equal(count, 2);
    assert.equal(errorOf(told).kind, "idle");
    assert.match(errorOf(told).message, /stream_idle_timeout_ms/);
  });

  it("takes a server that never answers as idle too", async (test) => {
    const config = { stream_idle_timeout_ms: 150, stream_max_retries: 0 };
    const { told, count } = await run(test, () => hang({ headers: false }), { config });
    assert.equal(count, 1);
    assert.equal(errorOf(told).kind, "idle");
  });

  it("ends as aborted in mid-stream, and closes the connection", async (test) => {
    const gate = createGate();
    const server = await serve(test, [gated(gate, 6, say("a b c d e f", { deltas: 6 }))]);
    const controller = new AbortController();
    const told = await ask({
      provider: provider(server.url),
      signal: controller.signal,
      onEvent: (event) => event.kind === "text" && controller.abort(),
    });
    assert.deepEqual(kinds(told), ["text", "failed"]);
    assert.equal(errorOf(told).kind, "aborted");
    await server.requests[0]?.closed;
    assert.equal(server.requests.length, 1);
  });

  it("ends as aborted while it waits for the first byte", async (test) => {
    const server = await serve(test, [hang({ headers: false })]);
    const controller = new AbortController();
    const asked = ask({ provider: provider(server.url), signal: controller.signal });
    const recorded = await server.arrived(1);
    controller.abort();
    assert.equal(errorOf(await asked).kind, "aborted");
    await recorded.closed;
  });

  it("ends as aborted during the wait before a retry", async (test) => {
    const controller = new AbortController();
    const { told, count } = await run(test, () => fail(500), {
      signal: controller.signal,
      onDelay: (_, signal) => {
        controller.abort();
        signal.throwIfAborted();
      },
    });
    assert.equal(count, 1);
    assert.deepEqual(kinds(told), ["retry", "failed"]);
    assert.deepEqual(errorOf(told), { kind: "aborted", message: "The request was stopped" });
  });

  it("asks nothing when it was aborted before", async (test) => {
    const { told, count } = await run(test, [say("x")], { signal: AbortSignal.abort() });
    assert.equal(count, 0);
    assert.equal(errorOf(told).kind, "aborted");
  });

  it("closes the connection when its reader goes away", async (test) => {
    const gate = createGate();
    const server = await serve(test, [gated(gate, 6, say("a b c d", { deltas: 4 }))]);
    for await (const event of modelOf({ provider: provider(server.url) }).stream(
      request,
      new AbortController().signal,
    )) {
      if (event.kind === "text") break;
    }
    await server.requests[0]?.closed;
  });
});

describe("responses: a server that does not hang up", () => {
  it("ends the answer at once, and cuts the connection soon after", async (test) => {
    const server = await serve(test, [gated(createGate(), 9, say("x", { deltas: 1 }))]);
    const told = await ask({ provider: provider(server.url) });
    assert.deepEqual(kinds(told), ["text", "item", "completed"]);
    await server.requests[0]?.closed;
  });
});

describe("responses: what cannot work", () => {
  it("fails before any request when the key is missing", async (test) => {
    const { told, count } = await run(test, [say("x")], { config: { env_key: "MY_KEY" }, env: { MY_KEY: "  " } });
    assert.equal(count, 0);
    assert.deepEqual(told, [
      { kind: "failed", error: { kind: "auth", message: "Test needs a key: set the environment variable MY_KEY" } },
    ]);
  });

  it("never shows a key, also when the provider repeats it", async (test) => {
    const key = "hidden-key-value-123";
    const words = `Incorrect API key provided: ${key}, or sk-abc***xyz. See the page.`;
    const { told } = await run(test, () => fail(401, { error: { message: words } }), {
      config: { env_key: "K" },
      env: { K: key },
    });
    const { message } = errorOf(told);
    assert.match(
      message,
      /refused the key in K \(401\).*Incorrect API key provided: \[key\], or \[key\]\. See the page\./,
    );
    assert.ok(!message.includes(key));
  });

  it("refuses a key that cannot stand in a header without retries", async (test) => {
    const { told, count } = await run(test, [say("x")], { config: { env_key: "K" }, env: { K: "a\nb" } });
    assert.equal(count, 0);
    assert.deepEqual(kinds(told), ["failed"]);
  });

  it("names model and address when the server does not know them", async (test) => {
    const { told } = await run(test, () => fail(404, "<html><title>x</title><b>Not found</b></html>"));
    assert.match(
      errorOf(told).message,
      /does not serve m at http:\/\/127\.0\.0\.1:\d+\/v1\/responses \(404\): check model and base_url; it said: x Not found/,
    );
  });

  it("says that a page is no Responses API", async (test) => {
    const { told, count } = await run(test, () => fail(200, "<html>Welcome</html>", { "content-type": "text/html" }));
    assert.equal(count, 1);
    assert.match(errorOf(told).message, /is no Responses API \(200\): check base_url/);
  });

  it("says where a server redirects to", async (test) => {
    const { told } = await run(test, () => fail(308, "", { location: "https://elsewhere.test/v1/responses" }));
    assert.match(errorOf(told).message, /check base_url; it said: redirects to https:\/\/elsewhere\.test/);
  });

  it("reports the limit that the server enforces", async (test) => {
    const server = await serve(test, () => say("x"), { limit: 1 });
    assert.equal(errorOf(await ask({ provider: provider(server.url) })).kind, "context-length");
  });

  it("throws for a provider whose wire is not there yet, or whose address is none", () => {
    assert.throws(
      () => modelOf({ provider: provider("http://x", { wire_api: "anthropic" }) }),
      (error) => {
        assert.ok(error instanceof UpstreamError && error.code === "wire-unavailable");
        assert.match(error.message, /wire_api "anthropic", which this version does not have yet/);
        return true;
      },
    );
    for (const address of ["", "nowhere", "ftp://x/y"]) {
      assert.throws(() => modelOf({ provider: provider(address) }), { name: "UpstreamError", code: "bad-address" });
    }
  });
});
