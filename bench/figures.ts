/** Figures: medians, shares and growth, out of lists of numbers. */

/** The value below which a share `at` of the numbers lies, between two of them in a straight line. */
export function quantile(numbers: readonly number[], at: number): number {
  if (numbers.length === 0) throw new RangeError("Cannot take a quantile of nothing");
  const sorted = numbers.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * at;
  const below = sorted[Math.floor(place)] as number;
  const above = sorted[Math.ceil(place)] as number;
  return below + (above - below) * (place - Math.floor(place));
}

export const median = (numbers: readonly number[]): number => quantile(numbers, 0.5);

/** Sums up to and with each number. */
export function cumulative(numbers: readonly number[]): number[] {
  let sum = 0;
  return numbers.map((number) => {
    sum += number;
    return sum;
  });
}

/**
 * The exponent e for which `values[k]` grows most like (k + 1) ** e: the slope of the least-squares line through
 * (log of the place, log of the value). 1 = each step costs the same; 2 = each costs as much as all before it.
 *
 * @param values sums, from the first step on; all above 0, at least two
 */
export function growthExponent(values: readonly number[]): number {
  if (values.length < 2 || values.some((value) => !(value > 0))) {
    throw new RangeError("Cannot fit growth: it takes two values or more, all above 0");
  }
  const points = values.map((value, index) => [Math.log(index + 1), Math.log(value)] as const);
  const mean = (at: 0 | 1) => points.reduce((sum, point) => sum + point[at], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const rise = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  const run = points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
  return rise / run;
}
