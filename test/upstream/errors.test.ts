/** The classification table: words and codes of the main providers, and the sentences made of them. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Asked, classify, type Failure, parseRefusal } from "../../src/upstream/errors.ts";

const asked: Asked = {
  provider: "Test",
  address: "http://x/responses",
  model: "m",
  envKey: "KEY",
  secrets: ["my-secret-value"],
};

const answer = (status: number | null, code: string, message: string): Failure => ({
  kind: "answer",
  status,
  inStream: status === null,
  code,
  message,
  retryAfterMs: null,
});

const OPENAI_LONG =
  "This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens.";
const VLLM =
  "You passed 5001 input tokens and requested 0 output tokens. However, the model's context length is only 4096 tokens";
const VLLM_OLD = "The decoder prompt (length 5001) is longer than the maximum model length of 4096. Make sure it fits.";
const CLAUDE_SUM = "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000, decrease input length";
const GEMINI = "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).";
const LLAMA = "request (5001 tokens) exceeds the available context size (4096 tokens), try increasing it";
const TPM = "Request too large for m in organization o on tokens per min (TPM): Limit 30000, Requested 40000.";

describe("errors", () => {
  for (const [status, code, message, kind, retry, limit] of [
    // longer than the model takes
    [400, "context_length_exceeded", OPENAI_LONG, "context-length", "never", 8192],
    [
      null,
      "context_length_exceeded",
      "Your input exceeds the context window of this model.",
      "context-length",
      "never",
      undefined,
    ],
    [
      400,
      "invalid_request_error",
      "prompt is too long: 213000 tokens > 200000 maximum",
      "context-length",
      "never",
      200_000,
    ],
    [400, "invalid_request_error", CLAUDE_SUM, "context-length", "never", 200_000],
    [400, "INVALID_ARGUMENT", GEMINI, "context-length", "never", 1_048_576],
    [400, "", VLLM, "context-length", "never", 4096],
    [400, "BadRequestError", VLLM_OLD, "context-length", "never", 4096],
    [400, "exceed_context_size_error", LLAMA, "context-length", "never", 4096],
    [
      400,
      "",
      "This endpoint's maximum context length is 131,072 tokens. However, you requested",
      "context-length",
      "never",
      131_072,
    ],
    [
      400,
      "",
      "This model's maximum prompt length is 131072 but the request contains 150000 tokens.",
      "context-length",
      "never",
      131_072,
    ],
    [
      400,
      "",
      "Prompt contains 40000 tokens, too large for model with 32768 maximum context length",
      "context-length",
      "never",
      32_768,
    ],
    [429, "rate_limit_exceeded", TPM, "context-length", "never", 30_000],
    [413, "", "Please reduce the length of the messages or completion.", "context-length", "never", undefined],
    // money
    [429, "insufficient_quota", "You exceeded your current quota, please check your plan", "quota", "never", undefined],
    [402, "", "This request requires more credits", "quota", "never", undefined],
    [400, "invalid_request_error", "Your credit balance is too low to access the API", "quota", "never", undefined],
    [null, "usage_not_included", "no", "quota", "never", undefined],
    // keys
    [401, "invalid_api_key", "Incorrect key", "auth", "never", undefined],
    [403, "", "Country not supported", "auth", "never", undefined],
    [null, "authentication_error", "invalid x-api-key", "auth", "never", undefined],
    // too much, too often
    [429, "", "Too many requests", "rate", "stream", undefined],
    [429, "RESOURCE_EXHAUSTED", "You exceeded your current quota. Please retry in 36.2s.", "rate", "stream", undefined],
    [null, "rate_limit_exceeded", "Please try again in 2s", "rate", "stream", undefined],
    [null, "slow_down", "", "overload", "stream", undefined],
    [null, "server_is_overloaded", "", "overload", "stream", undefined],
    [null, "overloaded_error", "Overloaded", "overload", "stream", undefined],
    [null, "", "who knows", "overload", "stream", undefined],
    [null, "a_new_code", "who knows", "overload", "stream", undefined],
    [529, "overloaded_error", "Overloaded", "overload", "request", undefined],
    [500, "server_error", "maximum context length is 5 tokens, says the crash", "overload", "request", undefined],
    // sealed items
    [400, "invalid_encrypted_content", "x", "invalid-seal", "never", undefined],
    [400, "", "The encrypted content gAAA could not be verified.", "invalid-seal", "never", undefined],
    // the rest
    [400, "unsupported_parameter", "Unsupported parameter: reasoning.effort", "refused", "never", undefined],
    [404, "model_not_found", "The model m does not exist", "refused", "never", undefined],
    [422, "", "bad", "refused", "never", undefined],
    [null, "content_filter", "x", "refused", "never", undefined],
    [null, "invalid_image_format", "x", "refused", "never", undefined],
    [null, "bio_policy", "x", "refused", "never", undefined],
  ] as const) {
    it(`takes ${status ?? "a stream's"} ${code || "-"} "${message.slice(0, 44)}" as ${kind}`, () => {
      const verdict = classify(answer(status, code, message), asked);
      const { message: said, ...error } = verdict.error;
      const expected = { kind, ...(status === null ? {} : { status }), ...(limit === undefined ? {} : { limit }) };
      assert.deepEqual({ error, retry: verdict.retry }, { error: expected, retry });
      assert.ok(said.includes(message.slice(0, 40)), "keeps the provider's words");
    });
  }

  for (const [failure, kind, retry, words] of [
    [
      { kind: "unreachable", code: "ENOTFOUND", message: "getaddrinfo ENOTFOUND x" },
      "network",
      "request",
      /check base_url, the network and the proxy/,
    ],
    [
      { kind: "unreachable", code: "SELF_SIGNED_CERT_IN_CHAIN", message: "self-signed" },
      "network",
      "never",
      /SSL_CERT_FILE/,
    ],
    [
      { kind: "unreachable", code: "ERR_INVALID_CHAR", message: "Invalid character" },
      "network",
      "never",
      /Invalid character/,
    ],
    [{ kind: "cut", message: "the end" }, "stream-cut", "stream", /broke off.*the end/],
    [{ kind: "idle", ms: 300_000 }, "idle", "stream", /nothing for 300 s/],
    [{ kind: "aborted" }, "aborted", "never", /stopped/],
  ] as const) {
    it(`takes ${failure.kind} ${"code" in failure ? failure.code : ""} as ${kind}`, () => {
      const verdict = classify(failure, asked);
      assert.deepEqual([verdict.error.kind, verdict.retry], [kind, retry]);
      assert.match(verdict.error.message, words);
    });
  }

  it("keeps at most 300 characters of the provider's words, on one line", () => {
    const { message } = classify(answer(400, "", `first\n${"long ".repeat(500)}`), asked).error;
    const words = message.split("it said: ")[1] ?? "";
    assert.ok(words.startsWith("first long") && words.length <= 300 && !message.includes("\n"), message);
  });

  it("hides keys: the ones it was told, and what looks like one", () => {
    const said =
      "bad my-secret-value and sk-proj-abcDEF123456 and Bearer eyJhbGciOi.abc-d_e.f and AIzaSyA1234567, disk-based";
    const { message } = classify(answer(401, "", said), asked).error;
    assert.ok(message.endsWith("it said: bad [key] and [key] and [key] and [key], disk-based"), message);
  });

  for (const [body, expected] of [
    ['{"error":{"code":"c","type":"t","message":"m"}}', { code: "c", message: "m" }],
    ['{"type":"error","error":{"type":"overloaded_error","message":"m"}}', { code: "overloaded_error", message: "m" }],
    [
      '[{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"m"}}]',
      { code: "RESOURCE_EXHAUSTED", message: "m" },
    ],
    ['{"error":"plain"}', { code: "", message: "plain" }],
    ['{"detail":"not found"}', { code: "", message: "not found" }],
    ['{"object":"error","message":"m","code":400}', { code: "", message: "m" }],
    ['{"x":1}', { code: "", message: '{"x":1}' }],
    ["<html><style>a{}</style><h1>502</h1> Bad</html>", { code: "", message: "502  Bad" }],
    ["", { code: "", message: "" }],
    ["null", { code: "", message: "null" }],
  ] as const) {
    it(`reads the body ${body.slice(0, 40)}`, () => assert.deepEqual(parseRefusal(body), expected));
  }

  it("is done with a page of a megabyte at once", () => {
    const start = performance.now();
    assert.ok(parseRefusal("<".repeat(1 << 20)).message.length <= 10_000);
    assert.ok(performance.now() - start < 20_000); // 50 ms; minutes when each "<" is searched to the end
  });
});
