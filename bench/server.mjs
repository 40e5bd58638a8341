/**
 * Server: the scripted model of the bench, a process of its own. Answers with one `exec_command` call after another,
 * then with two words; keeps the time and the bytes of every request.
 *
 *   node bench/server.mjs          prints {"port": …}; POST /script {steps, folder} begins a run, GET /report ends it
 *
 * Invariants  1. What it computes it computes before it answers: no time of its own is in a step.
 *             2. Times are those of the monotonic clock that all processes of a machine share, in milliseconds.
 */
import { createServer } from "node:http";
import { eventsOf } from "../test/support/scripted-events.ts";
import { promptOf, sharedBytes } from "./prompt-bytes.ts";

const now = () => Number(process.hrtime.bigint()) / 1e6;
let script = { steps: 0, folder: "" };
let requests = [];
let extra = 0;
let before = Buffer.alloc(0);

const server = createServer((request, response) => {
  const startedMs = now();
  const pieces = [];
  request.on("data", (piece) => pieces.push(piece));
  request.on("end", () => route(request, response, { startedMs, arrivedMs: now(), body: Buffer.concat(pieces) }));
});
server.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ port: server.address().port })));

function route(request, response, arrival) {
  if (request.url === "/script") {
    script = JSON.parse(arrival.body.toString());
    [requests, extra, before] = [[], 0, Buffer.alloc(0)];
    return response.end();
  }
  if (request.url === "/report") return response.end(JSON.stringify({ requests, extra }));
  if (request.url !== "/v1/responses") {
    extra++;
    return response.writeHead(404).end();
  }
  reply(response, arrival);
}

function reply(response, { startedMs, arrivedMs, body }) {
  const prompt = promptOf(body);
  const shared = sharedBytes(before, prompt);
  const n = requests.length + 1;
  const done = {
    startedMs,
    arrivedMs,
    answeredMs: 0,
    uploadBytes: body.length,
    promptBytes: prompt.length,
    sharedBytes: shared,
    previousBytes: before.length,
  };
  requests.push(done);
  before = prompt;
  const file = `${script.folder}/${String(n).padStart(4, "0")}.txt`;
  const part =
    n <= script.steps
      ? { kind: "call", name: "exec_command", args: JSON.stringify({ cmd: `cat ${file}` }), id: null }
      : { kind: "text", text: "All read.", deltas: 2 };
  const context = { n, body: { model: "scripted", input: [] }, tokens: prompt.length >> 2, cached: shared >> 2 };
  const events = eventsOf({ kind: "answer", parts: [part] }, context);
  const text = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join("");
  response.writeHead(200, { "content-type": "text/event-stream" });
  done.answeredMs = now();
  response.end(text);
}
