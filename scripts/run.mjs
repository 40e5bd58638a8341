/**
 * Run: starts a script of this folder on a Node that can run TypeScript, or says what to do.
 *
 *   node scripts/run.mjs NAME [ARGS]
 *
 * Plain JavaScript, because the Node that is found first may be one that cannot read any of the others.
 */
import { fileURLToPath } from "node:url";

const name = process.argv[2];
const major = Number(process.versions.node.split(".")[0]);
if (major < 24) {
  console.error(
    `This is Node ${process.versions.node}, and "${name}" needs Node 24 or newer: run "npm install" (on Linux x64 it brings one along) and start it with npm, or put a newer Node first on PATH.`,
  );
  process.exitCode = 2;
} else {
  const script = new URL(`./${name}.ts`, import.meta.url);
  process.argv.splice(1, 2, fileURLToPath(script));
  await import(script.href);
}
