/** The rehearsal model as a program: prints its URL, then a hash of the input of each request; ends with its stdin. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { startRehearsal } from "../../src/rehearsal/server.ts";
import { hashInput } from "./log-checks.ts";

const rehearsal = await startRehearsal({ limit: Number(process.argv[2]) });
const front = createServer(async (incoming, outgoing) => {
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const { input } = JSON.parse(body.toString()) as { input: unknown[] };
    process.stdout.write(`request ${hashInput(input)}\n`);
    const path = (incoming.url ?? "").replace(/^\/v1/, "");
    const answer = await fetch(rehearsal.url + path, { method: "POST", body });
    outgoing.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" });
    for await (const chunk of answer.body ?? []) outgoing.write(chunk);
    outgoing.end();
  } catch {
    outgoing.destroy();
  }
});
front.listen(0, "127.0.0.1", () => {
  process.stdout.write(`url http://127.0.0.1:${(front.address() as AddressInfo).port}/v1\n`);
});
process.stdin.resume().once("end", () => process.exit(0));
