/** When to ask again, and how long to wait. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { planRetry, printWait, waitInHeaders, waitInWords } from "../../src/upstream/retry.ts";

const none = { request: 0, stream: 0 };

describe("retry", () => {
  for (const [text, ms] of [
    ["Please try again in 20s. Visit x", 20_000],
    ["try again in 1.5 seconds", 1500],
    ["Try again in 28ms.", 28],
    ["try again in 1m30.5s", 90_500],
    ["try again in 6m0s.", 360_000],
    ["Please retry in 36.235s.", 36_235],
    ["retry after 2 minutes", 120_000],
    ["try again in 1h2m", 3_720_000],
    ["try again in a moment", null],
    ["try again in 5 sheep", null],
    ["", null],
  ] as const) {
    it(`reads ${ms} ms from "${text}"`, () => assert.equal(waitInWords(text), ms));
  }

  for (const [headers, ms] of [
    [{ "retry-after": "3" }, 3000],
    [{ "retry-after": "0.5" }, 500],
    [{ "retry-after": "3", "retry-after-ms": "40.5" }, 40.5],
    [{ "retry-after": "Sat, 21 Nov 2026 10:00:09 GMT", date: "Sat, 21 Nov 2026 10:00:00 GMT" }, 9000],
    [{ "retry-after": "Sat, 21 Nov 2026 10:00:09 GMT" }, null],
    [{ "retry-after": "soon" }, null],
    [{}, null],
  ] as const) {
    it(`reads ${ms} ms from ${JSON.stringify(headers)}`, () => assert.equal(waitInHeaders(headers), ms));
  }

  it("keeps the jitter within a tenth, and doubles each time", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.nat(4), (random, attempt) => {
        const next = planRetry(
          "stream",
          { request: 0, stream: attempt },
          { request: 4, stream: 5 },
          { wantMs: null, random },
        );
        assert.ok(next.kind === "wait");
        const middle = 200 * 2 ** attempt;
        assert.ok(next.delayMs >= middle * 0.9 && next.delayMs <= middle * 1.1 + 1, String(next.delayMs));
      }),
    );
  });

  it("gives up when its budget is spent, whatever the other one holds", () => {
    const budget = { request: 2, stream: 9 };
    assert.deepEqual(planRetry("request", { request: 2, stream: 0 }, budget, { wantMs: null, random: 0 }), {
      kind: "give-up",
    });
    assert.deepEqual(planRetry("never", none, budget, { wantMs: 1, random: 0 }), { kind: "give-up" });
    assert.deepEqual(planRetry("request", none, budget, { wantMs: 60_000, random: 0 }), {
      kind: "wait",
      attempt: 1,
      of: 2,
      delayMs: 60_000,
    });
    assert.deepEqual(planRetry("request", none, budget, { wantMs: 60_001, random: 0 }), {
      kind: "too-long",
      delayMs: 60_001,
    });
  });

  it("never waits long by itself, also with a hundred retries", () => {
    const next = planRetry(
      "stream",
      { request: 0, stream: 90 },
      { request: 0, stream: 100 },
      { wantMs: null, random: 0.5 },
    );
    assert.deepEqual(next, { kind: "wait", attempt: 91, of: 100, delayMs: 30_000 });
  });

  it("prints a wait for people", () => {
    assert.deepEqual([61_000, 600_000, 7_200_001].map(printWait), ["61 s", "10 min", "3 h"]);
  });
});
