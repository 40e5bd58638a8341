/** Start: from the start of the process to the first byte of its first request, and to the answer of `--version`. */
import { spawnSync } from "node:child_process";
import { type Arm, type Bench, nowMs } from "./flight.ts";
import type { Table } from "./table.ts";

/** Runs the arms one after the other in each repeat, in turning order; the first round is not counted. */
export async function interleave<T>(
  arms: readonly Arm[],
  repeats: number,
  run: (arm: Arm) => Promise<T> | T,
): Promise<T[][]> {
  const found: T[][] = arms.map(() => []);
  for (let round = 0; round <= repeats; round++) {
    const order = [...arms.entries()];
    for (const [index, arm] of round % 2 === 0 ? order : order.reverse()) {
      const one = await run(arm);
      if (round > 0) found[index]?.push(one);
    }
  }
  return found;
}

export async function measureStart(bench: Bench, arms: readonly Arm[], repeats: number): Promise<Table> {
  const flown = await interleave(arms, repeats, (arm) => bench.fly(arm, { steps: 0, outputBytes: 0 }));
  const of = (pick: (one: (typeof flown)[number][number]) => number) => flown.map((runs) => runs.map(pick));
  return {
    title: "start: a fresh home, one request, one answer",
    columns: arms.map(({ name }) => name),
    ratio: "to bare",
    rows: [
      { name: "first request", unit: "ms", values: of((one) => one.firstRequestMs) },
      { name: "whole run", unit: "ms", values: of((one) => one.wallMs) },
      { name: "processor time", unit: "ms", values: of((one) => one.cpuMs) },
      { name: "peak memory", unit: "MB", values: of((one) => one.peakBytes / 1e6) },
      {
        name: "uploaded",
        unit: "KB",
        values: of((one) => sum(one.requests.map((request) => request.uploadBytes)) / 1e3),
      },
    ],
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

export async function measureVersion(bin: string, repeats: number): Promise<Table> {
  const arms: Arm[] = [
    { name: "--version", command: () => [bin, "--version"] },
    { name: "node -e 0", command: () => [process.execPath, "-e", "0"] },
  ];
  const values = await interleave(arms, repeats, (arm) => {
    const [program, ...args] = arm.command("", "");
    const startedMs = nowMs();
    const { status } = spawnSync(program as string, args, { stdio: "ignore" });
    if (status !== 0) throw new Error(`${arm.name} left with ${status}`);
    return nowMs() - startedMs;
  });
  const columns = arms.map(({ name }) => name);
  return { title: "version: a whole run", columns, ratio: "to node", rows: [{ name: "wall", unit: "ms", values }] };
}
