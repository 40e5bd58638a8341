/**
 * Kill: `kill -9` at random moments of many flights, each followed by `resume`.
 *
 * Two kinds of flights fly side by side: a scripted model whose every effect can be counted, and real migrations by the
 * rehearsal model with folds and patches. What must hold is in ../support/kill-flight.ts.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Soak } from "../../scripts/soak.ts";
import { rehearsalCourse, scriptedCourse } from "../support/courses.ts";
import { type Course, type FlightReport, flyWithKills } from "../support/kill-flight.ts";
import { type Random, seeded } from "../support/random.ts";

const EXAMPLE = resolve(import.meta.dirname, "../../examples/tidepool");
/** Tokens: the example is folded several times in it. */
const LIMIT = 16_000;
const EFFECTS = 60;
/** Share of the kills that hit real migrations. */
const REAL_SHARE = 0.4;

export const soak: Soak = async ({ seed, runs, log }) => {
  const wanted = runs ?? 200;
  const real = Math.round(wanted * REAL_SHARE);
  const tally = new Tally(log);
  const scripted = (root: string, random: Random) => scriptedCourse(root, random, EFFECTS);
  const migration = (root: string) => rehearsalCourse(root, { from: EXAMPLE, limit: LIMIT, killWithinMs: 6000 });
  await Promise.all([
    flyUntil(wanted - real, { name: "scripted", random: seeded(seed), most: 12, tally }, scripted),
    flyUntil(real, { name: "migration", random: seeded(seed + 1_000_000), most: 10, tally }, migration),
  ]);
  return tally.end();
};

interface Lane {
  readonly name: string;
  readonly random: Random;
  /** Kills of one flight. */
  readonly most: number;
  readonly tally: Tally;
}

/** Flights of one kind until so many kills are done. */
async function flyUntil(
  wanted: number,
  { name, random, most, tally }: Lane,
  begin: (root: string, random: Random) => Promise<Course>,
): Promise<void> {
  for (let done = 0, empty = 0; done < wanted && empty < 3; ) {
    const root = mkdtempSync(join(tmpdir(), "godwit-kill-"));
    const course = await begin(root, random);
    try {
      const report = await flyWithKills(course, random, Math.min(most, wanted - done));
      done += report.kills.length;
      empty = report.kills.length === 0 ? empty + 1 : 0;
      tally.add(name, report, root);
      if (report.faults.length === 0) rmSync(root, { recursive: true, force: true, maxRetries: 5 });
    } finally {
      await course.close();
    }
  }
}

const AFTER: Readonly<Record<string, string>> = {
  time: "some time",
  request: "a request came",
  append: "an append",
  call: "a call began",
  fold: "a fold began",
};

class Tally {
  readonly #log: (line: string) => void;
  readonly #phases = new Map<string, number>();
  readonly #ways = new Map<string, number>();
  readonly #outcomes = new Map<string, number>();
  #kills = 0;
  #shown = 0;
  #flights = 0;
  #folds = 0;
  #faults = 0;
  #toldEarly = 0;

  constructor(log: (line: string) => void) {
    this.#log = log;
  }

  add(name: string, { kills, faults, folds, toldEarly, outcome }: FlightReport, root: string): void {
    this.#flights++;
    this.#kills += kills.length;
    this.#folds += folds;
    this.#faults += faults.length;
    this.#toldEarly += toldEarly;
    for (const { phase, whom, after, isTorn } of kills) {
      count(this.#phases, phase);
      count(this.#ways, `after ${AFTER[after] ?? after}`);
      count(this.#ways, whom === "all" ? "godwit and its commands" : "godwit alone");
      if (isTorn) count(this.#ways, "a torn last line added");
    }
    count(this.#outcomes, outcome);
    for (const fault of faults) this.#log(`FAULT in a ${name} flight, kept in ${root}: ${fault}`);
    if (this.#kills - this.#shown >= 20) this.#show();
  }

  end(): { passed: number; failed: number } {
    this.#show();
    this.#log(`Killed: ${list(this.#ways)}.`);
    this.#log(`Flights: ${list(this.#outcomes)}.`);
    this.#log(`${this.#toldEarly} calls were told as completed and not yet recorded when the process died.`);
    return { passed: Math.max(0, this.#kills - this.#faults), failed: this.#faults };
  }

  #show(): void {
    this.#shown = this.#kills;
    this.#log(
      `${this.#kills} kills in ${this.#flights} flights, ${this.#folds} folds, ${this.#faults} faults · in ${list(this.#phases)}`,
    );
  }
}

function count(map: Map<string, number>, key: string): void {
  map.set(key, (map.get(key) ?? 0) + 1);
}

const list = (map: ReadonlyMap<string, number>): string =>
  [...map]
    .map(([key, times]) => `${key} ${times}`)
    .toSorted()
    .join(", ");
