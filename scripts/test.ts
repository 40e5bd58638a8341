/**
 * Test: runs test/**\/*.test.ts, each file as a process, in a home that holds nothing.
 *
 *   npm test                            everything
 *   npm test -- thread compact          the rooms of that name, else the files whose path holds it
 *   npm test -- --slow                  lists the ten slowest tests too
 *   npm test -- --root DIR              the tests of another folder
 *
 * Format      the last line is "N passed, N failed" (reporter.ts); exit 1 when one failed or none ran.
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { run } from "node:test";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { filesBelow } from "./files.ts";
import { reportRun } from "./reporter.ts";

/** A run in which nothing happens for so long hangs; it is ended, and the files under way are named. */
const SILENCE_MS = 180_000;
const CONCURRENCY = 2;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { slow: { type: "boolean", default: false }, root: { type: "string" } },
});
const root = resolve(values.root ?? dirname(dirname(fileURLToPath(import.meta.url))));
const files = chosen(root, positionals);
const home = mkdtempSync(join(tmpdir(), "godwit-test-home-"));
try {
  cleanEnvironment(home);
  const { passed, failed } = await runFiles(files);
  if (failed > 0 || passed === 0) process.exitCode = 1;
} finally {
  rmSync(home, { recursive: true, force: true });
}

function chosen(root: string, words: readonly string[]): string[] {
  const all = filesBelow(root, "test", ["fixtures", "node_modules"]).filter((file) => file.endsWith(".test.ts"));
  if (words.length === 0) return all;
  const isMeant = (file: string, word: string): boolean =>
    existsSync(join(root, "test", word)) ? file.startsWith(`test/${word}/`) : file.includes(word);
  return all.filter((file) => words.some((word) => isMeant(file, word)));
}

async function runFiles(files: readonly string[]): Promise<{ passed: number; failed: number }> {
  if (files.length === 0) {
    console.log("No test file is meant by this.\n0 passed, 0 failed");
    return { passed: 0, failed: 0 };
  }
  const silence = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const onAlive = (open: readonly string[]): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      console.log(`Nothing happened for ${SILENCE_MS / 1000} s; ending ${open.map(nameOf).join(", ")}`);
      silence.abort();
    }, SILENCE_MS).unref();
  };
  const events = run({
    files: files.map((file) => join(root, file)),
    concurrency: CONCURRENCY,
    signal: silence.signal,
    cwd: root,
  });
  const counts = await reportRun(events, {
    name: nameOf,
    write: (text) => process.stdout.write(text),
    slowest: values.slow ? 10 : 0,
    onAlive,
  });
  clearTimeout(timer);
  return counts;
}

function nameOf(file: string): string {
  return relative(root, file);
}

/** The children inherit this environment: no keys, no proxies, nobody's settings, an empty home. */
function cleanEnvironment(home: string): void {
  for (const name of Object.keys(process.env)) {
    if (/_API_KEY$|^(GODWIT|XDG|npm)_|^(https?|all|no|ftp)_proxy$|^NODE_(USE_ENV_PROXY|TEST_CONTEXT)$/i.test(name)) {
      delete process.env[name];
    }
  }
  process.env.HOME = home;
}
