/**
 * Bare loop: the least a harness on this Node can cost. Not an agent: the measure that the figures of bench/ are held against.
 *
 *   node bench/bare-loop.mjs BASE_URL PROMPT
 *
 * Invariants  1. History only grows, and is kept as the text that is sent.
 *             2. One connection, one process for each call, nothing recorded, nothing shown but the last words.
 */

// Not imported: an import reads all names of a module, and some of node:http load undici.
const { spawn } = process.getBuiltinModule("node:child_process");
const { Agent, request } = process.getBuiltinModule("node:http");
const [base, prompt] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true });
const tools = [
  {
    type: "function",
    name: "exec_command",
    parameters: { type: "object", properties: { cmd: { type: "string" } }, required: ["cmd"] },
  },
];
let history = JSON.stringify({ type: "message", role: "user", content: [{ type: "input_text", text: prompt }] });

for (;;) {
  const items = await ask();
  for (const item of items) history += `,${JSON.stringify(item)}`;
  const calls = items.filter((item) => item.type === "function_call");
  if (calls.length === 0) {
    console.log(items[0].content[0].text);
    break;
  }
  for (const { call_id, arguments: args } of calls) {
    const output = await run(JSON.parse(args).cmd);
    history += `,${JSON.stringify({ type: "function_call_output", call_id, output })}`;
  }
}
agent.destroy();

function ask() {
  const head = '{"model":"bare","stream":true,"store":false,"input":[';
  const body = Buffer.from(`${head}${history}],"tools":${JSON.stringify(tools)}}`);
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": body.length };
    const sent = request(`${base}/responses`, { method: "POST", agent, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (piece) => {
        text += piece;
      });
      response.on("end", () => {
        const data = /^event: response\.completed\ndata: (.*)$/m.exec(text)[1];
        resolve(JSON.parse(data).response.output);
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

function run(command) {
  return new Promise((resolve, reject) => {
    const child = spawn("/bin/bash", ["-c", command], { stdio: ["ignore", "pipe", "pipe"] });
    const pieces = [];
    child.stdout.on("data", (piece) => pieces.push(piece));
    child.stderr.on("data", (piece) => pieces.push(piece));
    child.on("error", reject);
    child.on("close", () => resolve(Buffer.concat(pieces).toString()));
  });
}
