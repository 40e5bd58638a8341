/** Figures of the bench. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { cumulative, growthExponent, median, quantile } from "../../bench/figures.ts";

test("a quantile lies between two numbers in a straight line, whatever their order", () => {
  assert.equal(median([30, 10, 20]), 20);
  assert.equal(median([4, 1, 2, 3]), 2.5);
  assert.equal(quantile([0, 100], 0.95), 95);
  assert.throws(() => median([]), RangeError);
});

test("the growth of sums is 1 when each step costs the same and 2 when each costs all before it", () => {
  const steps = Array.from({ length: 300 }, (_, index) => index + 1);
  assert.ok(Math.abs(growthExponent(cumulative(steps.map(() => 2048))) - 1) < 1e-9);
  assert.ok(Math.abs(growthExponent(steps.map((step) => 7 * step ** 2)) - 2) < 1e-9);
  const uploads = growthExponent(cumulative(steps));
  assert.ok(uploads > 1.9 && uploads < 2, `${uploads}`);
});

test("growth is not fitted to what it has no logarithm of", () => {
  assert.throws(() => growthExponent([1]), RangeError);
  assert.throws(() => growthExponent([0, 1]), RangeError);
});
