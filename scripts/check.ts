/**
 * Check: everything that can be said without running the program, at the same time, one line each.
 *
 *   npm run check
 *
 * Each is a process of its own: the native ones use the second core, and one that dies takes no other along.
 */
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

interface Check {
  readonly name: string;
  readonly args: readonly string[];
}

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const CHECKS: readonly Check[] = [
  { name: "types", args: ["node_modules/typescript/bin/tsc", "-p", "."] },
  { name: "lint", args: ["node_modules/@biomejs/biome/bin/biome", "ci", "--colors=off", "--error-on-warnings"] },
  { name: "walls", args: ["scripts/check-walls.ts"] },
  { name: "text", args: ["scripts/check-text.ts"] },
  { name: "docs", args: ["scripts/check-docs.ts"] },
];

const passed = await Promise.all(CHECKS.map(runCheck));
if (passed.includes(false)) process.exitCode = 1;

function runCheck({ name, args }: Check): Promise<boolean> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [join(root, args[0] as string), ...args.slice(1)], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => output.push(chunk));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      console.log(`${name.padEnd(6)} ${code === 0 ? "ok    " : "FAILED"} ${seconds} s`);
      if (code !== 0) console.log(`${Buffer.concat(output).toString("utf8").trimEnd()}\n`);
      resolve(code === 0);
    });
  });
}
