/**
 * ScriptedModel: a server on loopback that speaks the Responses API and says what a test tells it to.
 *
 * Owns        the replies a test can script, and the record of what it was asked.
 * Is not      a mock: whoever talks to it goes over a real socket. The official SDK reads it too (test/upstream/sdk.test.ts).
 */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { printSse } from "../../src/wire/sse.ts";
import { type Answer, type Context, eventsOf, type Part, type RequestBody } from "./scripted-events.ts";

export type { Answer, RequestBody };

export interface RecordedRequest {
  /** From 1. */
  readonly n: number;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: RequestBody;
  readonly raw: Buffer;
  /** Bytes of tools, instructions and items, by 4. */
  readonly tokens: number;
  /** Resolves when the answer was sent, or the client went away. */
  readonly closed: Promise<void>;
}

/** A place where an answer stops until the test opens it. */
export interface Gate {
  /** Resolves when the server has come to it. */
  readonly reached: Promise<void>;
  open(): void;
}

export type Reply =
  | Answer
  | {
      readonly kind: "http";
      readonly status: number;
      readonly body: string | Uint8Array;
      readonly headers: Record<string, string>;
    }
  | { readonly kind: "events"; readonly events: readonly unknown[] }
  | { readonly kind: "cut"; readonly after: number; readonly reply: Reply; readonly how: "end" | "reset" }
  | { readonly kind: "gated"; readonly after: number; readonly reply: Reply; readonly gate: Gate }
  | { readonly kind: "hang"; readonly headers: boolean };

export type Script = readonly Reply[] | ((body: RequestBody, n: number) => Reply);

/** A text, in so many deltas. */
export const say = (text: string, options: { deltas?: number } = {}): Answer =>
  part({ kind: "text", text, deltas: options.deltas ?? 3 });

/** A function call; `args` is printed as JSON unless it is a text already. */
export const call = (name: string, args: unknown, options: { id?: string } = {}): Answer =>
  part({ kind: "call", name, args: typeof args === "string" ? args : JSON.stringify(args), id: options.id ?? null });

/** A custom tool call. */
export const custom = (name: string, input: string, options: { id?: string } = {}): Answer =>
  part({ kind: "custom", name, input, id: options.id ?? null });

export const reasoning = (text: string, sealed: string | null = null): Answer =>
  part({ kind: "reasoning", text, sealed });

/** Several parts in one answer, in this order. */
export const together = (...answers: readonly Answer[]): Answer => ({
  kind: "answer",
  parts: answers.flatMap((answer) => answer.parts),
});

export const calls = (list: readonly Answer[]): Answer => together(...list);

/** No stream: a status and a body, an object as JSON. */
export const fail = (status: number, body: unknown = {}, headers: Record<string, string> = {}): Reply => {
  const isRaw = typeof body === "string" || body instanceof Uint8Array;
  const type = isRaw ? "text/plain" : "application/json";
  return {
    kind: "http",
    status,
    body: isRaw ? body : JSON.stringify(body),
    headers: { "content-type": type, ...headers },
  };
};

/** A stream that ends in `response.failed`. */
export const failed = (code: string, message: string): Reply =>
  events([
    { type: "response.created", response: { id: "resp", status: "in_progress" } },
    { type: "response.failed", response: { id: "resp", status: "failed", error: { code, message } } },
  ]);

/** A stream of just these events. */
export const events = (list: readonly unknown[]): Reply => ({ kind: "events", events: list });

/** A stream of just these bytes. */
export const garbage = (bytes: string | Uint8Array): Reply => ({
  kind: "http",
  status: 200,
  body: bytes,
  headers: { "content-type": "text/event-stream" },
});

/** The first events of a reply, then the end: a clean one, or a torn connection. */
export const cutAfter = (after: number, reply: Reply, how: "end" | "reset" = "end"): Reply => ({
  kind: "cut",
  after,
  reply,
  how,
});

/** A reply that stops after so many events until the gate is opened. */
export const gated = (gate: Gate, after: number, reply: Reply): Reply => ({ kind: "gated", after, reply, gate });

/** Never an answer; with `headers`, a stream that begins and falls silent. */
export const hang = (options: { headers?: boolean } = {}): Reply => ({
  kind: "hang",
  headers: options.headers ?? true,
});

interface OpenGate extends Gate {
  readonly opened: Promise<void>;
  reach(): void;
}

export function createGate(): Gate {
  const reached = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  const gate: OpenGate = {
    reached: reached.promise,
    opened: opened.promise,
    open: opened.resolve,
    reach: reached.resolve,
  };
  return gate;
}

export interface ScriptedModel {
  /** The base_url of a provider. */
  readonly url: string;
  readonly requests: readonly RecordedRequest[];
  /** Connections accepted so far. */
  connections(): number;
  /** Resolves when the n-th request has come in, from 1. */
  arrived(n: number): Promise<RecordedRequest>;
  close(): Promise<void>;
}

export interface ScriptedOptions {
  /** Context size in tokens; a longer request fails with context_length_exceeded. */
  readonly limit?: number;
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** Start one. A request beyond the end of a list is answered with status 400. */
export async function startScriptedModel(script: Script, options: ScriptedOptions = {}): Promise<ScriptedModel> {
  const requests: RecordedRequest[] = [];
  const waiting = new Map<number, PromiseWithResolvers<RecordedRequest>>();
  const arrival = (n: number) => {
    const known = waiting.get(n) ?? Promise.withResolvers<RecordedRequest>();
    waiting.set(n, known);
    return known;
  };
  let accepted = 0;
  let previous = "";

  const onRequest = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    if (incoming.method !== "POST" || !/\/responses(\?|$)/.test(incoming.url ?? "")) {
      return send(
        response,
        fail(404, { error: { message: `no such path: ${incoming.url}`, type: "not_found" } }),
        null,
      );
    }
    const raw = Buffer.concat(chunks);
    const body = parseBody(raw);
    const prompt = [
      JSON.stringify(body.tools ?? []),
      body.instructions ?? "",
      ...body.input.map((item) => JSON.stringify(item)),
    ].join("");
    const n = requests.length + 1;
    const tokens = Math.ceil(Buffer.byteLength(prompt) / 4);
    const closed = new Promise<void>((resolve) => response.once("close", () => resolve()));
    const recorded = { n, path: incoming.url ?? "", headers: incoming.headers, body, raw, tokens, closed };
    requests.push(recorded);
    arrival(n).resolve(recorded);
    const context = { n, body, tokens, cached: Math.floor(commonPrefix(previous, prompt) / 4) };
    previous = prompt;
    await send(response, replyTo(script, context, options.limit), context);
  };
  const listener = (incoming: IncomingMessage, response: ServerResponse) => {
    onRequest(incoming, response).catch((error: Error) => {
      if (!response.headersSent) response.writeHead(400);
      response.end(`the scripted model broke: ${error.message}`);
    });
  };

  const server = options.tls ? createTlsServer(options.tls, listener) : createServer(listener);
  server.on("connection", () => accepted++);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${options.tls ? "https" : "http"}://127.0.0.1:${port}/v1`,
    requests,
    connections: () => accepted,
    arrived: (n) => arrival(n).promise,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The body, with an input that is a bare text as the one message it stands for. */
function parseBody(raw: Buffer): RequestBody {
  const body = JSON.parse(raw.toString("utf8")) as RequestBody & { readonly input: unknown };
  return typeof body.input === "string"
    ? { ...body, input: [{ type: "message", role: "user", content: body.input }] }
    : body;
}

function replyTo(script: Script, { n, body, tokens }: Context, limit: number | undefined): Reply {
  if (limit !== undefined && tokens > limit) {
    return failed(
      "context_length_exceeded",
      "Your input exceeds the context window of this model. Please adjust your input and try again.",
    );
  }
  if (typeof script === "function") return script(body, n);
  return script[n - 1] ?? fail(400, { error: { message: `the script is over: request ${n} of ${script.length}` } });
}

async function send(response: ServerResponse, reply: Reply, context: Context | null): Promise<void> {
  if (reply.kind === "http") {
    response.writeHead(reply.status, reply.headers);
    response.end(reply.body);
    return;
  }
  if (reply.kind === "hang" && !reply.headers) return;
  if (context?.body.stream !== true && reply.kind === "answer" && context) {
    const { response: whole } = eventsOf(reply, context).at(-1) as { response: unknown };
    return send(response, fail(200, whole), null);
  }
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  await sendEvents(response, reply, context as Context);
}

async function sendEvents(response: ServerResponse, reply: Reply, context: Context): Promise<void> {
  const { list, stop } = unwrap(reply, context);
  for (const [index, event] of list.entries()) {
    if (stop.get(index)?.kind === "cut") break;
    await pass(stop.get(index));
    const { type } = event as { type?: unknown };
    response.write(printSse({ event: typeof type === "string" ? type : "message", data: JSON.stringify(event) }));
  }
  const last = [...stop.values()].find((one) => one.kind === "cut");
  if (last?.kind === "cut" && last.how === "reset") return tear(response);
  await pass(stop.get(list.length));
  if (reply.kind !== "hang") response.end();
}

/** Break the connection once what was written is on its way. */
function tear(response: ServerResponse): void {
  response.write(": torn\n", () => response.socket?.destroy());
}

type Stop = Reply & { readonly kind: "cut" | "gated" };

async function pass(stop: Stop | undefined): Promise<void> {
  if (stop?.kind !== "gated") return;
  const gate = stop.gate as OpenGate;
  gate.reach();
  await gate.opened;
}

/** The events of a reply, and where to stop among them. */
function unwrap(reply: Reply, context: Context): { list: readonly unknown[]; stop: Map<number, Stop> } {
  switch (reply.kind) {
    case "answer":
      return { list: eventsOf(reply, context), stop: new Map() };
    case "events":
      return { list: reply.events, stop: new Map() };
    case "cut":
    case "gated": {
      const { list, stop } = unwrap(reply.reply, context);
      return { list, stop: stop.set(Math.min(reply.after, list.length), reply) };
    }
    case "hang":
      return { list: [{ type: "response.created", response: { id: "resp" } }], stop: new Map() };
    case "http":
      throw new TypeError("Cannot cut or gate a reply that is no stream");
    default:
      return reply satisfies never;
  }
}

const part = (one: Part): Answer => ({ kind: "answer", parts: [one] });

function commonPrefix(a: string, b: string): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}
