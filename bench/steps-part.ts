/**
 * Steps: what the harness adds to each step of a long turn, and how that grows with the history.
 *
 * A step here is from the end of an answer to the last byte of the next request: the call is run (`cat FILE`), its
 * output recorded, the next request built and sent. The model takes no time of its own.
 */
import { cumulative, growthExponent, median, quantile } from "./figures.ts";
import type { Arm, Bench, Flown, Script } from "./flight.ts";
import { interleave } from "./start-part.ts";
import type { Row, Table } from "./table.ts";

/** How many steps are taken together where one place in the turn is meant. */
const NEAR = 20;
/** From here on a turn is long enough to see how it grows. */
const LONG = 300;

export async function measureSteps(
  bench: Bench,
  arms: readonly Arm[],
  script: Script,
  repeats: number,
): Promise<Table> {
  const flown = await interleave(arms, repeats, (arm) => bench.fly(arm, script));
  const row = (name: string, unit: string, pick: (one: Flown) => number): Row => ({
    name,
    unit,
    values: flown.map((runs) => runs.map(pick)),
  });
  const isLong = script.steps >= LONG;
  return {
    title: `steps: ${script.steps} calls of ${script.outputBytes} bytes`,
    columns: arms.map(({ name }) => name),
    ratio: "to bare",
    rows: [
      row("step, median", "ms", (one) => median(stepsOf(one))),
      row("step, p95", "ms", (one) => quantile(stepsOf(one), 0.95)),
      row(`steps 1 to ${NEAR}, median`, "ms", (one) => median(stepsOf(one).slice(0, NEAR))),
      row(`last ${NEAR}, median`, "ms", (one) => median(stepsOf(one).slice(-NEAR))),
      row("processor time", "ms", (one) => one.cpuMs),
      row("peak memory", "MB", (one) => one.peakBytes / 1e6),
      row("uploaded", "MB", (one) => uploadsOf(one).reduce((a, b) => a + b, 0) / 1e6),
      row("prefix share", "%", prefixShare),
      row("extra requests", "", (one) => one.extra),
      row("uncached", "k tokens", (one) => uncachedOf(one).reduce((a, b) => a + b, 0) / 1e3),
      ...(isLong
        ? [
            row("growth of uncached tokens", "exponent", (one) => growthExponent(cumulative(uncachedOf(one)))),
            row("growth of upload", "exponent", (one) => growthExponent(cumulative(uploadsOf(one)))),
          ]
        : []),
    ],
    notes: isLong ? GROWTH_NOTES : [],
  };
}

const GROWTH_NOTES = [
  "growth: the slope of the least-squares line through (log step, log of the sum up to it). 1 = every step costs the same;",
  "2 = the whole history is paid again at every step, as uploads are wherever the server keeps no state. Uncached: the bytes",
  "of a prompt (tools, instructions, items) behind the place where it departs from the one before it, by four; the first",
  "prompt is uncached whole, so that a large head makes the exponent smaller, never larger.",
];

/** Time of each step, in ms. */
export const stepsOf = ({ requests }: Pick<Flown, "requests">): number[] =>
  requests.slice(1).map((request, index) => request.arrivedMs - (requests[index]?.answeredMs ?? 0));

const uploadsOf = ({ requests }: Flown): number[] => requests.map(({ uploadBytes }) => uploadBytes);

const uncachedOf = ({ requests }: Flown): number[] =>
  requests.map(({ promptBytes, sharedBytes }) => (promptBytes - sharedBytes) / 4);

/** Mean share of a prompt that the next one begins with; 100 = nothing that was sent ever changed. */
function prefixShare({ requests }: Flown): number {
  const shares = requests.slice(1).map(({ sharedBytes, previousBytes }) => sharedBytes / previousBytes);
  return (100 * shares.reduce((a, b) => a + b, 0)) / shares.length;
}
