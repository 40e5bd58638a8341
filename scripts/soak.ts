/**
 * Soak: the long forms of tests, bounded and seeded.
 *
 *   npm run soak                                            lists the programs
 *   npm run soak -- NAME [--seed N] [--runs N] [--record]   runs test/soak/NAME.ts
 *
 * Format      a program exports `soak({ seed, runs, log }): Promise<{ passed, failed }>`; the last line here is
 *             "N passed, N failed". --record keeps command, commit, seed and output in docs/evidence/soak-NAME.txt.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { filesBelow } from "./files.ts";
import { printCounts } from "./reporter.ts";

export interface SoakOptions {
  readonly seed: number;
  /** How many rounds; null = as many as the program thinks right. */
  readonly runs: number | null;
  readonly log: (line: string) => void;
}

export interface SoakResult {
  readonly passed: number;
  readonly failed: number;
}

export type Soak = (options: SoakOptions) => Promise<SoakResult>;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: "string", default: "1" },
    runs: { type: "string" },
    record: { type: "boolean", default: false },
    root: { type: "string" },
  },
});
const root = resolve(values.root ?? dirname(dirname(fileURLToPath(import.meta.url))));
const programs = filesBelow(root, "test/soak").filter((file) => /^test\/soak\/[^/]+\.ts$/.test(file));
const names = programs.map((file) => basename(file, ".ts"));
const name = positionals[0];

if (name === undefined) console.log(names.length === 0 ? "There is no soak program yet." : names.join("\n"));
else if (!names.includes(name)) {
  console.error(`There is no soak program "${name}": test/soak/ has ${names.join(", ") || "none"}.`);
  process.exitCode = 2;
} else await runSoak(name);

async function runSoak(name: string): Promise<void> {
  const seed = whole("seed", values.seed);
  const runs = values.runs === undefined ? null : whole("runs", values.runs);
  const lines: string[] = [];
  const log = (line: string): void => {
    lines.push(line);
    console.log(line);
  };
  const command = `npm run soak -- ${name} --seed ${seed}${runs === null ? "" : ` --runs ${runs}`}`;
  log(`${command}   (commit ${commit()}, Node ${process.versions.node})`);
  const { soak } = (await import(pathToFileURL(join(root, "test/soak", `${name}.ts`)).href)) as { soak: Soak };
  const { passed, failed } = await soak({ seed, runs, log });
  if (failed > 0 || passed === 0) process.exitCode = 1;
  log(printCounts({ passed, failed, skipped: 0 }));
  if (!values.record) return;
  mkdirSync(join(root, "docs/evidence"), { recursive: true });
  writeFileSync(join(root, "docs/evidence", `soak-${name}.txt`), `${lines.join("\n")}\n`);
}

function whole(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new RangeError(`--${option} takes a whole number, got "${text}"`);
  return value;
}

/** The commit that is run, marked when the folder holds changes to it. */
function commit(): string {
  const done = spawnSync("git", ["-C", root, "describe", "--always", "--dirty", "--exclude=*"], { encoding: "utf8" });
  return done.status === 0 ? done.stdout.trim() : "unknown";
}
