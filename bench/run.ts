/**
 * Bench: figures of this machine, beside those of a bare loop in the same run. Never a gate.
 *
 *   npm run bench                            every part, medians of 5
 *   npm run bench -- start steps             these parts: start, version, steps, plan, types, size
 *   npm run bench -- --repeats 9 --out FILE  more repeats; the numbers as JSON too
 *   npm run bench -- --quick                 under a minute in all
 *   npm run bench -- --bin PATH              another godwit than this checkout's
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Arm, armsFor, type Bench, openBench } from "./flight.ts";
import { measureSize, measureTypes } from "./house-part.ts";
import { measurePlan } from "./plan-part.ts";
import { measureStart, measureVersion } from "./start-part.ts";
import { measureSteps } from "./steps-part.ts";
import { printTable, type Table } from "./table.ts";

const root = dirname(import.meta.dirname);

interface Plan {
  readonly bench: Bench;
  readonly arms: readonly Arm[];
  readonly bin: string;
  /** Of what takes milliseconds, of what takes seconds, of what takes half a minute. */
  readonly repeats: readonly [number, number, number];
}

const SHORT = { steps: 50, outputBytes: 2048 };
const LONG = { steps: 300, outputBytes: 8192 };

/** In the order in which they run. */
const PARTS: Readonly<Record<string, (plan: Plan) => AsyncGenerator<Table> | Generator<Table>>> = {
  async *start({ bench, arms, repeats }) {
    yield await measureStart(bench, arms, repeats[0]);
  },
  async *version({ bin, repeats }) {
    yield await measureVersion(bin, repeats[0] * 2);
  },
  async *steps({ bench, arms, repeats }) {
    yield await measureSteps(bench, arms, SHORT, repeats[1]);
    yield await measureSteps(bench, arms, LONG, repeats[2]);
  },
  *plan({ repeats }) {
    yield measurePlan(repeats[1]);
  },
  *types({ repeats }) {
    yield measureTypes(root, repeats[2]);
  },
  *size() {
    yield measureSize(root);
  },
};

process.exitCode = await main();

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      repeats: { type: "string", default: "5" },
      quick: { type: "boolean", default: false },
      out: { type: "string" },
      bin: { type: "string", default: join(root, "bin", "godwit") },
    },
  });
  const count = Number(values.repeats);
  const unknown = positionals.find((name) => !Object.hasOwn(PARTS, name));
  if (unknown !== undefined || !Number.isInteger(count) || count < 1 || count > 100) {
    const what = unknown === undefined ? "--repeats takes 1 to 100" : `There is no part "${unknown}"`;
    console.error(`${what}; the parts are ${Object.keys(PARTS).join(", ")}.`);
    return 2;
  }
  const folder = mkdtempSync(join(tmpdir(), "godwit-bench-"));
  const bench = await openBench(folder);
  const repeats = values.quick ? ([5, 3, 1] as const) : ([count, count, count] as const);
  const bin = resolve(values.bin);
  const tables: Table[] = [];
  try {
    console.log(`${hostWords(bin)}\n`);
    const names = positionals.length > 0 ? positionals : Object.keys(PARTS);
    for (const name of names) {
      for await (const table of PARTS[name]?.({ bench, arms: armsFor(bin), bin, repeats }) ?? []) {
        console.log(printTable(table));
        tables.push(table);
      }
    }
  } finally {
    bench.close();
    rmSync(folder, { recursive: true, force: true });
  }
  if (values.out !== undefined) writeOut(values.out, tables);
  return 0;
}

/** What the figures were taken on, since they mean little elsewhere. */
function hostWords(bin: string): string {
  const load = loadavg()[0]?.toFixed(1);
  const built = existsSync(join(dirname(dirname(bin)), "dist", "main.mjs")) ? "" : ", from its sources (npm run build)";
  return `Node ${process.versions.node}, ${cpus().length} processors, load ${load}; ${bin}${built}`;
}

function writeOut(path: string, tables: readonly Table[]): void {
  mkdirSync(dirname(resolve(path)), { recursive: true });
  const at = new Date().toISOString();
  writeFileSync(path, `${JSON.stringify({ at, node: process.versions.node, cpus: cpus().length, tables }, null, 2)}\n`);
}
