/**
 * Http: one request out, one reply in, over sockets that are kept.
 *
 * Owns        agents, proxies, extra certificate authorities, the idle time-out, and how a body is written.
 * Is not      a judge: it says what happened (`Failure`), ./errors.ts says what it means.
 * Invariants  1. The body is never joined: small pieces share blocks, large ones are written as they are.
 *             2. An aborted request leaves no open socket.
 *             3. What a plain address does not need (TLS, zlib, proxy) is not loaded for it.
 * Source      docs/decisions/003-http-client.md has the figures.
 */
import type { Agent, ClientRequest, IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import type { Failure } from "./errors.ts";
import type { Env } from "./providers.ts";

export interface Outgoing {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly chunks: readonly Uint8Array[];
  readonly sizeBytes: number;
  /** Longest silence of the server, headers included. */
  readonly idleMs: number;
}

export interface Reply {
  readonly kind: "reply";
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  /** The next bytes, decompressed; null at the end. */
  read(): Promise<Uint8Array | Failure | null>;
  /** Done with it: what little is left is read in the background, so that the socket can be used again. Never rejects. */
  release(): Promise<void>;
  /** Done with it, and the socket too. */
  destroy(): void;
}

export interface Transport {
  /** Send one POST. Never rejects. */
  send(outgoing: Outgoing, signal: AbortSignal): Promise<Reply | Failure>;
}

const CONNECT_MS = 20_000;
const DRAIN_MS = 1000;

// An import looks up every name of a module, and some of node:http load undici: 40 ms and 8 MB that nobody uses.
const http = process.getBuiltinModule("node:http");

interface Route {
  readonly agent: Agent;
  readonly request: typeof http.request;
  /** The blocks of the newest request. */
  readonly joined: Block[];
}

/** A transport with agents of its own. */
export function createTransport(env: Env): Transport {
  const routes = new Map<string, Promise<Route>>();
  const routeFor = ({ protocol, hostname }: URL): Promise<Route> => {
    const proxy = LOOPBACK.test(hostname) ? undefined : proxyFor(protocol, env);
    const key = `${protocol} ${proxy}`;
    const known = routes.get(key);
    if (known) return known;
    const route = openRoute(protocol, proxy, env);
    routes.set(key, route);
    route.catch(() => routes.delete(key));
    return route;
  };
  return {
    async send(outgoing, signal) {
      try {
        const route = await routeFor(outgoing.url);
        if (signal.aborted) return { kind: "aborted" };
        return await exchange(route, outgoing, signal);
      } catch (error) {
        return unreachable(error); // a header, proxy or CA file that Node refuses before anything is sent
      }
    },
  };
}

/** What runs on this machine is never asked through a proxy, whether or not NO_PROXY says so. */
const LOOPBACK = /^(localhost|.*\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

const proxyFor = (protocol: string, env: Env): string | undefined =>
  (protocol === "https:" ? env.HTTPS_PROXY || env.https_proxy : env.HTTP_PROXY || env.http_proxy) || undefined;

async function openRoute(protocol: string, proxy: string | undefined, env: Env): Promise<Route> {
  const isTls = protocol === "https:";
  const NO_PROXY = env.NO_PROXY || env.no_proxy;
  const proxyEnv = proxy ? { [isTls ? "HTTPS_PROXY" : "HTTP_PROXY"]: proxyAddress(proxy), NO_PROXY } : null;
  const options = { keepAlive: true, noDelay: true, ...(proxyEnv ? { proxyEnv } : {}) };
  if (!isTls) return { agent: new http.Agent(options), request: http.request, joined: [] };
  const https = await import("node:https");
  const secureContext = await trustMore(env);
  return {
    agent: new https.Agent({ ...options, ...(secureContext ? { secureContext } : {}) }),
    request: https.request,
    joined: [],
  };
}

/** Node goes past an address that it cannot use without a word; we say so. `host:port` means http, as it does for curl. */
function proxyAddress(text: string): string {
  const url = URL.parse(text.includes("://") ? text : `http://${text}`);
  if (url !== null && /^https?:$/.test(url.protocol)) return url.href;
  throw Object.assign(new Error("the proxy that the environment names is no http or https address"), {
    code: "ERR_INVALID_PROXY",
  });
}

/** Node's own authorities (NODE_EXTRA_CA_CERTS among them) and those of the files that the environment names. */
async function trustMore(env: Env) {
  const files = (["CODEX_CA_CERTIFICATE", "SSL_CERT_FILE"] as const).filter((name) => env[name]);
  if (files.length === 0) return null;
  const { readFile } = await import("node:fs/promises");
  const { createSecureContext, getCACertificates } = await import("node:tls");
  const more = await Promise.all(
    files.map((name) =>
      readFile(env[name] as string, "utf8").catch((error: Error) => {
        const message = `${name} names a file that cannot be read: ${error.message}`;
        throw Object.assign(new Error(message, { cause: error }), { code: "CERT_FILE" });
      }),
    ),
  );
  return createSecureContext({ ca: [...getCACertificates("default"), ...more] });
}

function exchange(route: Route, outgoing: Outgoing, signal: AbortSignal): Promise<Reply | Failure> {
  const { url, idleMs, sizeBytes } = outgoing;
  const headers = { ...outgoing.headers, "content-length": String(sizeBytes) };
  const request = route.request(url, { method: "POST", agent: route.agent, headers });
  /** Why we ended it ourselves; null when the world did. */
  let ended: Failure | null = null;
  const end = (failure: Failure) => {
    ended ??= failure;
    request.destroy();
  };
  const onAbort = () => end({ kind: "aborted" });
  signal.addEventListener("abort", onAbort, { once: true });
  request.once("close", () => signal.removeEventListener("abort", onAbort));
  request.setTimeout(idleMs, () => end({ kind: "idle", ms: idleMs }));
  limitConnecting(request, () =>
    end({ kind: "unreachable", code: "ETIMEDOUT", message: `no connection after ${CONNECT_MS / 1000} s` }),
  );
  writeBody(request, blocksOf(outgoing.chunks, route.joined));
  return new Promise((resolve) => {
    request.on("error", (error) => resolve(ended ?? unreachable(error)));
    request.once("response", (response) => {
      response.on("error", () => {}); // told by read()
      const reply = decoded(response).then((body) => openReply(response, body, () => ended));
      resolve(reply.catch(unreachable));
    });
  });
}

function openReply(response: IncomingMessage, body: Readable, whyEnded: () => Failure | null): Reply {
  const iterator = body.iterator({ destroyOnReturn: false });
  return {
    kind: "reply",
    status: response.statusCode ?? 0,
    headers: response.headers,
    async read() {
      try {
        const { done, value } = await iterator.next();
        return done ? whyEnded() : (value as Uint8Array);
      } catch (error) {
        return whyEnded() ?? { kind: "cut", message: error instanceof Error ? error.message : String(error) };
      }
    },
    async release() {
      if (response.closed) return;
      const timer = setTimeout(() => response.destroy(), DRAIN_MS).unref();
      const closed = new Promise<void>((resolve) => response.once("close", resolve));
      closed.then(() => clearTimeout(timer));
      await iterator.return?.();
      body.resume();
      if (response.complete) await closed; // all of it is here: the next request finds the socket free
    },
    destroy: () => void response.destroy(),
  };
}

/** The body as the server meant it. We ask for no compression, yet some proxies compress all the same. */
async function decoded(response: IncomingMessage): Promise<Readable> {
  const encoding = (response.headers["content-encoding"] ?? "identity").trim().toLowerCase();
  if (encoding === "identity" || encoding === "") return response;
  const zlib = await import("node:zlib");
  const { pipeline } = await import("node:stream");
  const decoders: Record<string, (() => ReturnType<typeof zlib.createGunzip>) | undefined> = {
    gzip: zlib.createGunzip,
    "x-gzip": zlib.createGunzip,
    deflate: zlib.createInflate,
    br: zlib.createBrotliDecompress,
    zstd: zlib.createZstdDecompress,
  };
  const decoder = Object.hasOwn(decoders, encoding) ? decoders[encoding]?.() : undefined;
  if (!decoder) return response;
  decoder.on("error", () => {}); // may come after release(), when nobody reads
  return pipeline(response, decoder, () => {}); // its error is the one that read() meets
}

/** Give up on a server that does not answer the knock; the idle time-out starts only when connected. */
function limitConnecting(request: ClientRequest, onLate: () => void): void {
  request.once("socket", (socket) => {
    if (!socket.connecting) return;
    const timer = setTimeout(onLate, CONNECT_MS);
    const stop = () => clearTimeout(timer);
    socket.once("connect", stop);
    socket.once("close", stop);
  });
}

const BLOCK_BYTES = 65_536;
const LARGE_BYTES = 16_384;

/** Small pieces that were joined: what a history begins with is the same in the next request, and is not joined again. */
interface Block {
  readonly chunks: readonly Uint8Array[];
  readonly bytes: Uint8Array;
}

/** Invariant 1: thousands of small pieces would cost a call each, one joined body its size in memory. */
function* blocksOf(chunks: readonly Uint8Array[], joined: Block[]): Generator<Uint8Array> {
  let small: Uint8Array[] = [];
  let used = 0;
  let count = 0;
  const join = (): Uint8Array => {
    const before = joined[count];
    const isSame = before?.chunks.length === small.length && before.chunks.every((chunk, at) => chunk === small[at]);
    const block = before && isSame ? before : { chunks: small, bytes: Buffer.concat(small, used) };
    joined[count++] = block;
    small = [];
    used = 0;
    return block.bytes;
  };
  for (const chunk of chunks) {
    const isLarge = chunk.byteLength >= LARGE_BYTES;
    if (used > 0 && (isLarge || used + chunk.byteLength > BLOCK_BYTES)) yield join();
    if (isLarge) yield chunk;
    else {
      small.push(chunk);
      used += chunk.byteLength;
    }
  }
  if (used > 0) yield join();
  joined.length = count;
}

/** Write as fast as the socket takes it. */
function writeBody(request: ClientRequest, blocks: Iterator<Uint8Array>): void {
  for (let next = blocks.next(); !next.done; next = blocks.next()) {
    if (!request.write(next.value)) {
      request.once("drain", () => writeBody(request, blocks));
      return;
    }
  }
  request.end();
}

function unreachable(error: unknown): Failure {
  if (!(error instanceof Error)) return { kind: "unreachable", code: "", message: String(error) };
  const code = "code" in error ? String(error.code) : "";
  const inner =
    error instanceof AggregateError ? error.errors.map((one) => String(one?.message ?? one)).join(", ") : "";
  return { kind: "unreachable", code, message: error.message || inner };
}
