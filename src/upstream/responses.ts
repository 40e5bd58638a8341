/**
 * Responses: a provider that speaks the Responses API over HTTP and server-sent events, as the engine's `Model`.
 *
 * Owns        one request and its tries: headers, stream, retries, ending.
 * Invariants  1. The last event is `completed` or `failed`, and there is exactly one.
 *             2. A `retry` event stands between two tries; the items before it are withdrawn.
 *             3. At most 1 + request_max_retries + stream_max_retries requests are sent.
 * Source      OpenAI Responses API; the events and retries of Codex 0.169.
 *
 *   print -> send -> read events -> completed
 *             ^            | failure: classify, plan
 *             |-- wait <---+--------> failed
 */
import type { Model, ModelError, ModelEvent } from "../engine/ports.ts";
import { isRecord } from "../wire/item.ts";
import { printRequest, type Request } from "../wire/request.ts";
import { createSseDecoder } from "../wire/sse.ts";
import { type Asked, classify, type Failure, missingKey, parseRefusal } from "./errors.ts";
import { createTransport, type Outgoing, type Reply, type Transport } from "./http.ts";
import { type Env, isAvailable, type Provider, whyUnavailable } from "./providers.ts";
import { type Budget, DEFAULT_BUDGET, planRetry, printWait, waitInHeaders, wantedWait } from "./retry.ts";
import { StreamReader } from "./stream-reader.ts";
import { UpstreamError } from "./upstream-error.ts";

export interface ResponsesOptions {
  readonly env: Env;
  /** A number in [0, 1), for the jitter. */
  random(): number;
  /** Resolves after `ms`, or soon after an abort. */
  delay(ms: number, signal: AbortSignal): Promise<void>;
  /** `godwit/<version>` */
  readonly userAgent: string;
}

type Tried = AsyncGenerator<ModelEvent, Failure | null, void>;

/**
 * Make the model of one provider. Sends nothing yet.
 *
 * @throws {UpstreamError} `wire-unavailable` when this version does not speak its wire, `bad-address` when base_url is none.
 */
export function createResponsesModel(provider: Provider, options: ResponsesOptions): Model {
  if (!isAvailable(provider)) throw new UpstreamError("wire-unavailable", whyUnavailable(provider));
  const url = addressOf(provider);
  const transport = createTransport(options.env);
  return { stream: (request, signal) => stream({ provider, options, url, transport }, request, signal) };
}

interface Way {
  readonly provider: Provider;
  readonly options: ResponsesOptions;
  readonly url: URL;
  readonly transport: Transport;
}

async function* stream(way: Way, request: Request, signal: AbortSignal): AsyncGenerator<ModelEvent, void, void> {
  const { provider, options } = way;
  const asked = askedOf(way, request);
  const headers = headersOf(way);
  if (headers === null) return yield failed(missingKey(asked));
  const idleMs = provider.stream_idle_timeout_ms ?? 300_000;
  const outgoing: Outgoing = { url: way.url, headers, idleMs, ...printRequest(request) };
  const budget: Budget = {
    request: provider.request_max_retries ?? DEFAULT_BUDGET.request,
    stream: provider.stream_max_retries ?? DEFAULT_BUDGET.stream,
  };
  const spent = { request: 0, stream: 0 };
  for (;;) {
    const failure = yield* attempt(way.transport, outgoing, signal);
    if (failure === null) return;
    const { error, retry } = classify(signal.aborted ? { kind: "aborted" } : failure, asked);
    const next = planRetry(retry, spent, budget, { wantMs: wantedWait(failure), random: options.random() });
    if (next.kind !== "wait" || retry === "never") {
      const wait = next.kind === "too-long" ? ` (it asks to wait ${printWait(next.delayMs)})` : "";
      const requests = 1 + spent.request + spent.stream;
      const times = requests > 1 ? ` (asked ${requests} times)` : "";
      return yield failed({ ...error, message: `${error.message}${wait}${times}` });
    }
    spent[retry] += 1;
    yield { kind: "retry", attempt: next.attempt, of: next.of, delayMs: next.delayMs, reason: error.message };
    await options.delay(next.delayMs, signal).catch(() => {}); // a delay that rejects was aborted: told below
    if (signal.aborted) return yield failed(classify({ kind: "aborted" }, asked).error);
  }
}

/** One request; whatever goes wrong in it is a failure, also what nobody foresaw. Returns null once `completed` was told. */
async function* attempt(transport: Transport, outgoing: Outgoing, signal: AbortSignal): Tried {
  try {
    return yield* tryOnce(transport, outgoing, signal);
  } catch (error) {
    return { kind: "cut", message: error instanceof Error ? error.message : String(error) };
  }
}

async function* tryOnce(transport: Transport, outgoing: Outgoing, signal: AbortSignal): Tried {
  const reply = await transport.send(outgoing, signal);
  if (reply.kind !== "reply") return reply;
  const reader = new StreamReader();
  const type = reply.headers["content-type"] ?? "";
  const isStream = reply.status === 200 && !/\b(json|html)\b/.test(type);
  try {
    return isStream ? yield* readEvents(reply, reader) : yield* readOther(reply, reader);
  } finally {
    // also when the consumer leaves at `completed`: the socket serves the next request
    if (reader.ending === "completed" || !isStream) await reply.release();
    else reply.destroy();
  }
}

/** In characters. A whole answer of a model, its sealed reasoning included, is some MB. */
const LONGEST_EVENT = 64 * 1024 * 1024;

async function* readEvents(reply: Reply, reader: StreamReader): Tried {
  const decoder = createSseDecoder(LONGEST_EVENT);
  for (;;) {
    const chunk = await reply.read();
    if (chunk === null) {
      const where = decoder.end() === null ? "between two events" : "within an event";
      return { kind: "cut", message: `the stream ended ${where}, before response.completed` };
    }
    if (!(chunk instanceof Uint8Array)) return chunk;
    for (const event of decoder.push(chunk)) yield* reader.accept(event);
    if (reader.ending !== null) return reader.ending === "completed" ? null : reader.ending;
    if (decoder.isOver()) return { kind: "cut", message: "one event of the stream is longer than 64 MB" };
  }
}

/** An answer that is no stream: a refusal, or a server that answers all at once. */
async function* readOther(reply: Reply, reader: StreamReader): Tried {
  const body = await readText(reply);
  if (typeof body !== "string") return body;
  const { status, headers } = reply;
  const whole = status === 200 ? wholeAnswer(body) : null;
  if (whole !== null) {
    yield* reader.accept({ event: "message", data: JSON.stringify(whole) });
    return reader.ending === "completed" ? null : reader.ending;
  }
  const { code, message } = parseRefusal(body);
  const target = typeof headers.location === "string" ? `redirects to ${headers.location}` : message;
  return { kind: "answer", status, inStream: false, code, message: target, retryAfterMs: waitInHeaders(headers) };
}

/** A response object as the last event of a stream; null when the body holds none. */
function wholeAnswer(body: string): unknown {
  try {
    const response: unknown = JSON.parse(body);
    if (!isRecord(response)) return null;
    if (isRecord(response.error)) return { type: "error", error: response.error };
    if (!Array.isArray(response.output)) return null;
    return { type: response.status === "incomplete" ? "response.incomplete" : "response.completed", response };
  } catch {
    return null;
  }
}

const LONGEST_BODY = 32 * 1024 * 1024;

async function readText(reply: Reply): Promise<string | Failure> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  while (sizeBytes < LONGEST_BODY) {
    const chunk = await reply.read();
    if (chunk === null) break;
    if (!(chunk instanceof Uint8Array)) return reply.status === 200 ? chunk : Buffer.concat(chunks).toString("utf8");
    chunks.push(chunk);
    sizeBytes += chunk.byteLength;
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Null when the provider wants a key and the environment has none. */
function headersOf({ provider, options }: Way): Record<string, string> | null {
  const headers: Record<string, string> = {
    "content-type": "application/json",
    accept: "text/event-stream",
    "user-agent": options.userAgent,
  };
  const key = keyOf(provider, options.env);
  if (provider.env_key !== undefined && key === "") return null;
  if (key !== "") headers.authorization = `Bearer ${key}`;
  for (const [name, value] of Object.entries(provider.http_headers ?? {})) headers[name.toLowerCase()] = value;
  for (const [name, variable] of Object.entries(provider.env_http_headers ?? {})) {
    const value = options.env[variable]?.trim();
    if (value) headers[name.toLowerCase()] = value;
  }
  return headers;
}

const keyOf = (provider: Provider, env: Env): string => (env[provider.env_key ?? ""] ?? "").trim();

function addressOf(provider: Provider): URL {
  const url = URL.parse(provider.base_url);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    const message = `Cannot use provider ${provider.id}: base_url "${provider.base_url}" is no http or https address`;
    throw new UpstreamError("bad-address", message);
  }
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/responses`;
  for (const [name, value] of Object.entries(provider.query_params ?? {})) url.searchParams.set(name, value);
  return url;
}

function askedOf({ provider, options, url }: Way, request: Request): Asked {
  const values = [
    keyOf(provider, options.env),
    url.password,
    ...Object.values(provider.http_headers ?? {}),
    ...Object.values(provider.env_http_headers ?? {}).map((variable) => options.env[variable] ?? ""),
    ...Object.values(provider.query_params ?? {}),
  ];
  return {
    provider: provider.name,
    address: `${url.origin}${url.pathname}`,
    model: request.settings.model,
    envKey: provider.env_key ?? null,
    secrets: values.filter((value) => value.length >= 8),
  };
}

const failed = (error: ModelError): ModelEvent => ({ kind: "failed", error });
