/** What tests of processes share: a runner in a folder of its own, programs, and waiting for what they do. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { createRun, type ProcessRun, type RunOptions } from "../../src/sandbox/run.ts";

export const NEVER = new AbortController().signal;
/** Long enough for a busy machine; nothing waits for it unless it fails. */
export const LONG_MS = 20_000;
export const ENV = { PATH: process.env.PATH ?? "/usr/bin:/bin", HOME: "/nonexistent", LC_ALL: "C.UTF-8" };

export const program = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/programs/${name}`, import.meta.url));

export function tempFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "godwit-run-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A runner that is closed after the test. */
export function withRun(t: TestContext, options: Partial<RunOptions> = {}): ProcessRun {
  const run = createRun({ spillDir: join(tempFolder(t), "spill"), mask: (text) => text, env: ENV, ...options });
  t.after(() => run.close());
  return run;
}

/** Poll a condition until it holds. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  const end = performance.now() + LONG_MS;
  while (!holds()) {
    assert.ok(performance.now() < end, `never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return !/^\) [ZX]/.test(stat.slice(stat.lastIndexOf(")")));
  } catch {
    return false;
  }
}

/** The numbers after "pid" in a program's output. */
export const pidsIn = (text: string): number[] => [...text.matchAll(/pid (\d+)/g)].map(([, pid]) => Number(pid));
