/**
 * Build: bundles the program into dist/ and leaves its compiled code in dist/cache.
 *
 *   npm run build
 *
 * Invariants  1. What is imported when first needed stays a file of its own.
 *             2. All files stand in dist/ itself, so that a folder of the package is one step up from any of them.
 *             3. The cache knows its files by their place next to it: a moved package still finds it.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build, type Metafile } from "esbuild";
import { filesBelow } from "./files.ts";

/** Entry points by the name of the file in dist/. The library's doors (`./compact` and so on) become rows here. */
const ENTRIES: Readonly<Record<string, string>> = { main: "src/cli/main.ts" };
/** Packages that cannot be bundled: they load native code from their own folder. */
const EXTERNAL: readonly string[] = ["@lydell/node-pty"];
/**
 * What is run to fill the compile cache; each may fail, then what it loaded until then is in it. The longest way comes
 * first: a file is stored once, with the functions that were called in the process that loaded it first.
 * PORT becomes that of a model that says one word.
 */
const SERVER = ["-c", "model_provider=warm", "-c", "model_providers.warm.base_url=http://127.0.0.1:PORT/v1"];
const EXEC = ["exec", "-m", "warm", ...SERVER, "--skip-git-repo-check", "--sandbox", "danger-full-access"];
const WARM_UPS: readonly (readonly string[])[] = [
  ["rehearse", "--max-turns", "18"],
  [...EXEC, "Say yes."],
  [...EXEC, "--json", "Say yes."],
  ["resume", "--last", ...EXEC.slice(1), "Say yes."],
  ["--help"],
];
const WARM_UP_MS = 120_000;

const { values } = parseArgs({ options: { root: { type: "string" } } });
const root = resolve(values.root ?? dirname(dirname(fileURLToPath(import.meta.url))));
const dist = join(root, "dist");

rmSync(dist, { recursive: true, force: true });
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: { ...ENTRIES },
  outdir: "dist",
  outExtension: { ".js": ".mjs" },
  chunkNames: "[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node24",
  external: [...EXTERNAL],
  legalComments: "none", // THIRD-PARTY.txt has the licences whole
  metafile: true,
  logLevel: "warning",
});
writeFileSync(join(dist, "THIRD-PARTY.txt"), licences(metafile));
await warmUp();
console.log(
  `${size(Object.keys(metafile.outputs))} of code, ${size(filesBelow(root, "dist/cache"))} of cache in dist/`,
);

/** The licences of the packages that went into the bundle. */
function licences({ inputs }: Metafile): string {
  const packages = Object.keys(inputs).flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []);
  return [...new Set(packages)]
    .sort()
    .map((path) => {
      const { name, version, license } = JSON.parse(readFileSync(join(root, path, "package.json"), "utf8"));
      const file = readdirSync(join(root, path)).find((entry) => /^licen[cs]e/i.test(entry));
      const text = file === undefined ? `Licence: ${license}` : readFileSync(join(root, path, file), "utf8").trim();
      return `${name} ${version}\n\n${text}\n`;
    })
    .join(`\n${"-".repeat(80)}\n\n`);
}

async function warmUp(): Promise<void> {
  const entry = join(root, "bin/godwit.mjs");
  if (!existsSync(entry)) return;
  const home = mkdtempSync(join(tmpdir(), "godwit-build-"));
  const env = { PATH: process.env.PATH ?? "", HOME: home, TMPDIR: home };
  const server = createServer(sayYes).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  try {
    for (const words of WARM_UPS) {
      const args = words.map((word) => word.replace("PORT", String(port)));
      const child = spawn(process.execPath, [entry, ...args], { cwd: home, env, stdio: "ignore", timeout: WARM_UP_MS });
      const [code] = await once(child, "exit");
      if (code !== 0) console.log(`warm-up "godwit ${args[0]}" ended with ${code}`);
    }
  } finally {
    server.closeAllConnections();
    server.close();
    rmSync(home, { recursive: true, force: true });
  }
}

function sayYes(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  const item = { type: "message", id: "msg_1", role: "assistant", content: [{ type: "output_text", text: "Yes." }] };
  const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 };
  const events = [
    { type: "response.created", response: { id: "resp_1" } },
    { type: "response.output_text.delta", item_id: "msg_1", output_index: 0, content_index: 0, delta: "Yes." },
    { type: "response.output_item.done", output_index: 0, item },
    { type: "response.completed", response: { id: "resp_1", status: "completed", output: [item], usage } },
  ];
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.end(events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(""));
}

function size(files: readonly string[]): string {
  const bytes = files.reduce((total, file) => total + statSync(join(root, file)).size, 0);
  return `${(bytes / 1024).toFixed(0)} KB`;
}
