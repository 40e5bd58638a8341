/**
 * Server: the rehearsal model behind the real wire, on loopback.
 *
 * Owns        the socket, the limit and the simulated cache.
 * Is not      the planner (./planner.ts), and not the gateway: it serves one model to one program.
 * Invariants  1. An answer depends on the request alone; only `cached_tokens` depends on earlier ones.
 *             2. A stream ends with `response.completed` or `response.failed`, each event in one write.
 */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { isRecord } from "../wire/item.ts";
import { plan } from "./planner.ts";
import { PromptCache } from "./prompt-cache.ts";
import type { Reply } from "./reply.ts";
import { eventsOf, type Frame, failedEvents, failedResponse, responseOf, type Wire } from "./response.ts";

const MODEL = "rehearsal";
const BYTES_PER_TOKEN = 4;

export interface RehearsalOptions {
  /** Tokens of the model's context; 0 = no limit. Default 0. */
  readonly limit?: number;
  /** Milliseconds since 1970. Default: the system clock. */
  readonly now?: () => number;
  /** Default: any free port. */
  readonly port?: number;
}

export interface Rehearsal {
  /** Base URL for a provider, `/v1` included. */
  readonly url: string;
  close(): Promise<void>;
  /** Requests to POST /v1/responses so far. */
  requests(): number;
}

/** Start the server on 127.0.0.1. @effects listens on a port until `close()`, which also ends open streams. */
export async function startRehearsal({
  limit = 0,
  now = Date.now,
  port = 0,
}: RehearsalOptions = {}): Promise<Rehearsal> {
  const cache = new PromptCache();
  let count = 0;
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://127.0.0.1").pathname;
    if (request.method === "GET" && path === "/v1/models") return sendJson(response, 200, models(limit));
    if (request.method !== "POST" || path !== "/v1/responses") {
      return sendError(response, 404, `There is no ${request.method} ${path} here.`);
    }
    count++;
    answer(request, response, { limit, cache, createdAt: Math.floor(now() / 1000) }).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else sendError(response, 500, `The rehearsal failed: ${(error as Error).message}`);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests: () => count,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Context {
  readonly limit: number;
  readonly cache: PromptCache;
  readonly createdAt: number;
}

async function answer(request: IncomingMessage, response: ServerResponse, context: Context): Promise<void> {
  const body = parseBody(await readAll(request));
  if (typeof body === "string") return sendError(response, 400, body);
  const { prompt, inputTokens } = promptOf(body);
  const id = `resp_${createHash("sha256").update(prompt).digest("hex").slice(0, 24)}`;
  const frame: Frame = { id, model: typeof body.model === "string" ? body.model : MODEL, createdAt: context.createdAt };
  const isStream = body.stream === true;
  if (context.limit > 0 && inputTokens > context.limit) {
    const message = `Your input exceeds the context window of this model: ${inputTokens} tokens, and the limit is ${context.limit} tokens. Please adjust your input and try again.`;
    if (isStream) return sendStream(response, failedEvents(frame, "context_length_exceeded", message));
    return sendJson(response, 400, failedResponse(frame, "context_length_exceeded", message));
  }
  let reply: Reply;
  try {
    reply = await plan(body);
  } catch (error) {
    if (error instanceof TypeError) return sendError(response, 400, error.message);
    throw error;
  }
  const usage = { inputTokens, cachedTokens: context.cache.take(prompt), outputTokens: outputTokens(reply) };
  if (isStream) sendStream(response, eventsOf(frame, reply, usage));
  else sendJson(response, 200, responseOf(frame, reply, usage));
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** The body, or what is wrong with it. */
function parseBody(bytes: Buffer): Record<string, unknown> | string {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString("utf8"));
  } catch (error) {
    return `The body is not valid JSON: ${(error as Error).message}`;
  }
  if (!isRecord(value)) return "The body must be a JSON object.";
  if (typeof value.input !== "string" && !Array.isArray(value.input))
    return 'The field "input" must be a text or a list of items.';
  return value;
}

/** What counts as prompt, in the order in which a provider would cache it: tools, instructions, items. */
function promptOf(body: Record<string, unknown>): { prompt: Buffer; inputTokens: number } {
  const items = Array.isArray(body.input) ? body.input : [body.input];
  const parts = [body.tools ?? [], body.instructions ?? "", ...items].map((part) => JSON.stringify(part));
  const prompt = Buffer.from(parts.join("\n"));
  return { prompt, inputTokens: Math.ceil(prompt.length / BYTES_PER_TOKEN) };
}

const outputTokens = ({ text, calls }: Reply): number =>
  Math.ceil(calls.reduce((sum, call) => sum + call.name.length + call.input.length, text.length) / BYTES_PER_TOKEN);

const models = (limit: number): Wire => ({
  object: "list",
  data: [
    { id: MODEL, object: "model", created: 0, owned_by: "godwit", ...(limit > 0 ? { context_window: limit } : {}) },
  ],
});

function sendJson(response: ServerResponse, status: number, body: Wire): void {
  const text = JSON.stringify(body);
  response
    .writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) })
    .end(text);
}

const sendError = (response: ServerResponse, status: number, message: string): void =>
  sendJson(response, status, { error: { message, type: "invalid_request_error", code: null, param: null } });

function sendStream(response: ServerResponse, events: Iterable<Wire>): void {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  let number = 0;
  for (const event of events) {
    const numbered = { ...event, sequence_number: number++ };
    response.write(`event: ${event.type}\ndata: ${JSON.stringify(numbered)}\n\n`);
  }
  response.end();
}
