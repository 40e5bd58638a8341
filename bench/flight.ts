/**
 * Flight: one run of one arm against the scripted server, in a home that was never used, and what it cost.
 *
 * Owns        the two arms, their environment, and what is made of the server's report.
 * Invariants  1. The environment is made of nothing: no key, no proxy and no setting of the user's gets in.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { childrenCpuMs, ProcessTree } from "./process-tree.ts";

const here = import.meta.dirname;
/** Every look at /proc takes time from what is looked at. */
const LOOK_MS = 20;
const LONGEST_MS = 120_000;

/** A program that is measured; the last one of a table is what the others are held against. */
export interface Arm {
  readonly name: string;
  command(base: string, prompt: string): readonly string[];
  readonly config?: (base: string) => string;
}

const config = (base: string) => `model = "scripted"
model_provider = "bench"
model_context_window = 4000000
sandbox_mode = "danger-full-access"

[model_providers.bench]
name = "bench"
base_url = "${base}"
`;

/** Godwit from this checkout (or the program named by `bin`), and the bare loop. */
export const armsFor = (bin: string): readonly [Arm, Arm] => [
  { name: "godwit", config, command: (_, prompt) => [bin, "exec", "--skip-git-repo-check", "--json", prompt] },
  { name: "bare loop", command: (base, prompt) => [process.execPath, join(here, "bare-loop.mjs"), base, prompt] },
];

export interface Script {
  readonly steps: number;
  readonly outputBytes: number;
}

interface RequestReport {
  readonly startedMs: number;
  readonly arrivedMs: number;
  readonly answeredMs: number;
  readonly uploadBytes: number;
  readonly promptBytes: number;
  readonly sharedBytes: number;
  readonly previousBytes: number;
}

export interface Flown {
  readonly firstRequestMs: number;
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakBytes: number;
  readonly requests: readonly RequestReport[];
  /** Requests beside those of the conversation. */
  readonly extra: number;
}

export interface Bench {
  fly(arm: Arm, script: Script): Promise<Flown>;
  close(): void;
}

/** Start the server and make the files that the scripted calls read. */
export async function openBench(folder: string): Promise<Bench> {
  const server = spawn(process.execPath, [join(here, "server.mjs")], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(server.stdout, "data");
  const { port } = JSON.parse(String(line)) as { port: number };
  const base = `http://127.0.0.1:${port}`;
  return {
    close: () => void server.kill(),
    async fly(arm, script) {
      const work = workspaceFor(folder, script);
      await fetch(`${base}/script`, { method: "POST", body: JSON.stringify({ steps: script.steps, folder: "data" }) });
      const run = await runArm(arm, { base: `${base}/v1`, folder, work, steps: script.steps });
      const report = (await (await fetch(`${base}/report`)).json()) as Pick<Flown, "requests" | "extra">;
      return flown(arm, run, report, script);
    },
  };
}

interface Run {
  readonly startedMs: number;
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakBytes: number;
  readonly code: number | null;
  readonly told: string;
}

function flown(arm: Arm, run: Run, { requests, extra }: Pick<Flown, "requests" | "extra">, { steps }: Script): Flown {
  const first = requests[0];
  if (run.code !== 0 || !first || requests.length <= steps) {
    throw new Error(`${arm.name} left with ${run.code} after ${requests.length} requests of ${steps + 1}: ${run.told}`);
  }
  const { startedMs, wallMs, cpuMs, peakBytes } = run;
  const others = extra + requests.length - steps - 1;
  return { firstRequestMs: first.startedMs - startedMs, wallMs, cpuMs, peakBytes, requests, extra: others };
}

async function runArm(arm: Arm, at: { base: string; folder: string; work: string; steps: number }): Promise<Run> {
  const home = mkdtempSync(join(at.folder, "home-"));
  const path = [dirname(process.execPath), "/usr/local/bin", "/usr/bin", "/bin"].join(":");
  const env = { PATH: path, HOME: home, GODWIT_HOME: join(home, ".godwit"), SHELL: "/bin/bash", LANG: "C.UTF-8" };
  if (arm.config) {
    mkdirSync(env.GODWIT_HOME);
    writeFileSync(join(env.GODWIT_HOME, "config.toml"), arm.config(at.base));
  }
  const [program, ...args] = arm.command(at.base, at.steps > 0 ? "Read all files of data/." : "Say that all is read.");
  const cpuBefore = childrenCpuMs();
  const startedMs = nowMs();
  const child = spawn(program as string, args, {
    cwd: at.work,
    env,
    stdio: ["ignore", "ignore", "pipe"],
    timeout: LONGEST_MS,
  });
  const tree = new ProcessTree(child.pid ?? 0);
  const looks = setInterval(() => tree.look(), LOOK_MS);
  let told = "";
  child.stderr.on("data", (piece) => {
    told += piece;
  });
  try {
    const [code] = await once(child, "close");
    const cpuMs = childrenCpuMs() - cpuBefore;
    return { startedMs, wallMs: nowMs() - startedMs, cpuMs, peakBytes: tree.peakBytes, code, told: told.slice(-500) };
  } finally {
    clearInterval(looks);
    rmSync(home, { recursive: true, force: true });
  }
}

export const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/** One file per step; its text tells apart the files and the lines. */
function workspaceFor(folder: string, { steps, outputBytes }: Script): string {
  const work = join(folder, `work-${steps}-${outputBytes}`);
  if (mkdirSync(join(work, "data"), { recursive: true }) === undefined) return work;
  for (let file = 1; file <= steps; file++) {
    let text = "";
    for (let line = 1; text.length < outputBytes; line++) {
      text += `file ${file}, line ${line}: ${((file * 7919 + line * 104729) % 999983).toString(36).repeat(8)}\n`;
    }
    writeFileSync(join(work, "data", `${String(file).padStart(4, "0")}.txt`), `${text.slice(0, outputBytes - 1)}\n`);
  }
  return work;
}
