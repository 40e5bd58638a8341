/** The transport over real sockets: proxies, own certificate authorities, compression, large bodies. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, request as httpRequest, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { fail, type Script, type ScriptedOptions, say, startScriptedModel } from "../support/scripted-model.ts";
import { ask, errorOf, kinds, modelOf, provider, request, textOf } from "./ask.ts";

const STREAM =
  'data: {"type":"response.output_text.delta","delta":"ok"}\n\ndata: {"type":"response.completed","response":{}}\n\n';

async function serve(test: TestContext, script: Script, options?: ScriptedOptions) {
  const server = await startScriptedModel(script, options);
  test.after(() => server.close());
  return server;
}

/** A small proxy: plain requests by their full address, everything else through CONNECT. */
async function startProxy(test: TestContext): Promise<{ url: string; seen: string[] }> {
  const seen: string[] = [];
  const proxy: Server = createServer((incoming, outgoing) => {
    seen.push(`${incoming.method} ${incoming.url}`);
    const { method = "GET", headers } = incoming;
    const onward = httpRequest(incoming.url ?? "", { method, headers }, (reply) => {
      outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(outgoing);
    });
    onward.on("error", () => outgoing.destroy());
    incoming.pipe(onward);
  });
  proxy.on("connect", (incoming, client, head) => {
    seen.push(`CONNECT ${incoming.url}`);
    const [host, port] = (incoming.url ?? "").split(":");
    const server = connect(Number(port), host, () => {
      client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      server.write(head);
      server.pipe(client);
      client.pipe(server);
    });
    server.on("error", () => client.destroy());
    client.on("error", () => server.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  test.after(() => {
    proxy.close();
    proxy.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, seen };
}

/** A certificate authority and a certificate of 127.0.0.1 that it signed; null without openssl. */
function makeCertificates(test: TestContext): { caFile: string; key: string; cert: string } | null {
  if (spawnSync("openssl", ["version"]).error) return null;
  const folder = mkdtempSync(join(tmpdir(), "godwit-ca-"));
  test.after(() => rmSync(folder, { recursive: true }));
  const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: folder, stdio: "ignore" });
  const fresh = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  openssl(...fresh, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Test CA");
  const leaf = ["-CA", "ca.pem", "-CAkey", "ca.key", "-addext", "subjectAltName=IP:127.0.0.1,IP:0.0.0.0"];
  openssl(
    ...fresh,
    "-keyout",
    "key.pem",
    "-out",
    "cert.pem",
    "-subj",
    "/CN=localhost",
    ...leaf,
    "-addext",
    "basicConstraints=critical,CA:FALSE",
  );
  const read = (name: string) => readFileSync(join(folder, name), "utf8");
  return { caFile: join(folder, "ca.pem"), key: read("key.pem"), cert: read("cert.pem") };
}

describe("http: compression", () => {
  it("reads a body as it is when the encoding is a name that objects know by birth", async (test) => {
    const headers = { "content-type": "text/event-stream", "content-encoding": "constructor" };
    const server = await serve(test, [fail(200, STREAM, headers)]);
    assert.deepEqual(kinds(await ask({ provider: provider(server.url) })), ["text", "completed"]);
  });

  for (const [encoding, bytes] of [
    ["gzip", gzipSync(STREAM)],
    ["deflate", deflateSync(STREAM)],
    ["br", brotliCompressSync(STREAM)],
    ["zstd", zstdCompressSync(STREAM)],
  ] as const) {
    it(`reads ${encoding}, though it never asks for it`, async (test) => {
      const headers = { "content-type": "text/event-stream", "content-encoding": encoding };
      const server = await serve(test, [fail(200, bytes, headers)]);
      const told = await ask({ provider: provider(server.url) });
      assert.deepEqual(kinds(told), ["text", "completed"]);
      assert.equal(server.requests[0]?.headers["accept-encoding"], undefined);
    });
  }

  it("takes a compressed stream that is cut as cut", async (test) => {
    const headers = { "content-type": "text/event-stream", "content-encoding": "gzip" };
    const server = await serve(test, [fail(200, gzipSync(STREAM).subarray(0, 30), headers), say("ok")]);
    assert.equal(textOf(await ask({ provider: provider(server.url) })).endsWith("ok"), true);
    assert.equal(server.requests.length, 2);
  });
});

it("loads neither undici nor TLS nor zlib to be ready for a plain address", () => {
  const file = new URL("../../src/upstream/http.ts", import.meta.url).href;
  const program = `const { createTransport } = await import(${JSON.stringify(file)});
    createTransport({});
    console.log(process.moduleLoadList.filter((name) => /undici|tls|zlib/.test(name)).join(" "));`;
  const told = execFileSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" });
  assert.equal(told.trim(), "");
});

describe("http: bodies", () => {
  it("sends small and large items as they are, many of them", async (test) => {
    const server = await serve(test, [say("ok")]);
    const texts = Array.from({ length: 3000 }, (_, n) => (n % 500 === 7 ? "é".repeat(60_000) : `item ${n}`));
    const input = texts.map((text) =>
      new TextEncoder().encode(JSON.stringify({ type: "message", role: "user", content: text })),
    );
    const told = await ask({ provider: provider(server.url), request: { ...request, input } });
    assert.equal(told.at(-1)?.kind, "completed");
    assert.deepEqual(
      server.requests[0]?.body.input.map((item) => item.content),
      texts,
    );
  });

  it("sends what a request says, whatever the ones before it began with", async (test) => {
    const server = await serve(test, (_, n) => say(`ok ${n}`));
    const model = modelOf({ provider: provider(server.url) });
    const item = (text: string) =>
      new TextEncoder().encode(JSON.stringify({ type: "message", role: "user", content: text }));
    const all = Array.from({ length: 60 }, (_, n) => item(`${n} ${"x".repeat(4000)}`));
    const changed = all.toSpliced(3, 1, item("another")).slice(0, 40);
    const inputs = [all.slice(0, 30), all.slice(0, 31), all, changed, all.toSpliced(50, 5), all.slice(0, 2), all];
    for (const input of inputs) {
      const told = [];
      for await (const event of model.stream({ ...request, input }, new AbortController().signal)) told.push(event);
      assert.equal(told.at(-1)?.kind, "completed");
    }
    assert.deepEqual(
      server.requests.map(({ body }) => body.input.map((sent) => JSON.stringify(sent))),
      inputs.map((input) => input.map((bytes) => Buffer.from(bytes).toString())),
    );
  });

  it("reads an event of several megabytes and thousands of small ones", async (test) => {
    const server = await serve(test, [
      say("x".repeat(2_000_000), { deltas: 1 }),
      say("y".repeat(4000), { deltas: 4000 }),
    ]);
    const model = modelOf({ provider: provider(server.url) });
    for (const length of [2_000_000, 4000]) {
      const told = [];
      for await (const event of model.stream(request, new AbortController().signal)) told.push(event);
      assert.equal(textOf(told).length, length);
    }
  });

  it("survives a server that answers before it has read the body", async (test) => {
    const early = createServer((_, response) =>
      response.writeHead(413, { connection: "close" }).end('{"error":{"message":"too big"}}'),
    );
    await new Promise<void>((resolve) => early.listen(0, "127.0.0.1", resolve));
    test.after(() => early.close());
    const url = `http://127.0.0.1:${(early.address() as AddressInfo).port}`;
    const input = [new Uint8Array(8_000_000).fill(32)];
    const { kind } = errorOf(
      await ask({ provider: provider(url, { request_max_retries: 0 }), request: { ...request, input } }),
    );
    assert.ok(kind === "refused" || kind === "network", kind);
  });
});

/** The address of a server on this machine by a name that is not taken as loopback. */
const outside = (url: string): string => url.replace("127.0.0.1", "0.0.0.0");

describe("http: proxies", () => {
  for (const name of ["HTTP_PROXY", "http_proxy"]) {
    it(`sends a plain request through ${name}`, async (test) => {
      const [server, proxy] = [await serve(test, [say("ok")]), await startProxy(test)];
      const told = await ask({ provider: provider(outside(server.url)), env: { [name]: proxy.url } });
      assert.equal(textOf(told), "ok");
      assert.deepEqual(proxy.seen, [`POST ${outside(server.url)}/responses`]);
    });
  }

  for (const name of ["NO_PROXY", "no_proxy"]) {
    it(`goes straight where ${name} says so`, async (test) => {
      const [server, proxy] = [await serve(test, [say("ok")]), await startProxy(test)];
      const env = { HTTP_PROXY: proxy.url, [name]: "example.test,0.0.0.0" };
      assert.equal(textOf(await ask({ provider: provider(outside(server.url)), env })), "ok");
      assert.deepEqual(proxy.seen, []);
    });
  }

  it("never takes a proxy to this machine itself", async (test) => {
    const server = await serve(test, () => say("ok"));
    for (const host of ["127.0.0.1", "localhost"]) {
      const url = server.url.replace("127.0.0.1", host);
      assert.equal(textOf(await ask({ provider: provider(url), env: { HTTP_PROXY: "socks5://nowhere:1" } })), "ok");
    }
  });

  it("says what is wrong when the proxy is not there", async (test) => {
    const [server, gone] = [await serve(test, [say("ok")]), await startScriptedModel([])];
    await gone.close();
    const told = await ask({
      provider: provider(outside(server.url), { request_max_retries: 1 }),
      env: { HTTP_PROXY: gone.url.replace("/v1", "") },
    });
    assert.equal(errorOf(told).kind, "network");
    assert.match(errorOf(told).message, /proxy settings \(.*ECONNREFUSED.*asked 2 times/);
    assert.equal(server.requests.length, 0);
  });

  it("refuses a proxy address that it cannot use, without retries, and does not go past it", async (test) => {
    const server = await serve(test, [say("ok")]);
    for (const HTTP_PROXY of ["not a url", "socks5://127.0.0.1:1"]) {
      const told = await ask({ provider: provider(outside(server.url)), env: { HTTP_PROXY } });
      assert.deepEqual(kinds(told), ["failed"]);
      assert.match(errorOf(told).message, /the proxy that the environment names is no http or https address/);
    }
    assert.equal(server.requests.length, 0);
  });

  it("takes a proxy without a scheme as http", async (test) => {
    const [server, proxy] = [await serve(test, [say("ok")]), await startProxy(test)];
    await ask({ provider: provider(outside(server.url)), env: { http_proxy: proxy.url.replace("http://", "") } });
    assert.equal(proxy.seen.length, 1);
  });
});

describe("http: TLS", () => {
  it("trusts an authority only when the environment names it, also through a proxy", async (context) => {
    const made = makeCertificates(context);
    if (made === null) return context.skip("openssl is not installed");
    const server = await serve(context, () => say("ok"), { tls: made });
    const secure = { provider: provider(server.url) };

    const refused = await ask(secure);
    assert.deepEqual(kinds(refused), ["failed"], "a bad certificate is no reason to ask again");
    assert.match(
      errorOf(refused).message,
      /certificate is not trusted here; name the file of your CA in SSL_CERT_FILE/,
    );
    for (const name of ["SSL_CERT_FILE", "CODEX_CA_CERTIFICATE"]) {
      assert.equal(textOf(await ask({ ...secure, env: { [name]: made.caFile } })), "ok");
    }
    const proxy = await startProxy(context);
    const env = { HTTPS_PROXY: proxy.url, SSL_CERT_FILE: made.caFile };
    assert.equal(textOf(await ask({ provider: provider(outside(server.url)), env })), "ok");
    assert.deepEqual(proxy.seen, [`CONNECT ${new URL(outside(server.url)).host}`]);

    const missing = errorOf(await ask({ ...secure, env: { SSL_CERT_FILE: "/nowhere/ca.pem" } }));
    assert.match(missing.message, /SSL_CERT_FILE names a file that cannot be read/);
  });
});
