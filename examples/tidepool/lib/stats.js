'use strict';

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

/** Arithmetic mean; NaN of nothing. */
const mean = (numbers) => sum(numbers) / numbers.length;

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : mean(sorted.slice(middle - 1, middle + 1));
}

/** Group a list: key -> members, in the order of first appearance. */
function groupBy(list, key) {
  const groups = new Map();
  for (const one of list) {
    const name = key(one);
    if (groups.has(name)) groups.get(name).push(one);
    else groups.set(name, [one]);
  }
  return groups;
}

/** Shannon's index of diversity for counts per species. */
function diversity(counts) {
  const total = sum(counts);
  return -sum(counts.filter((count) => count > 0).map((count) => (count / total) * Math.log(count / total)));
}

exports.sum = sum;
exports.mean = mean;
exports.median = median;
exports.groupBy = groupBy;
exports.diversity = diversity;

/** All figures of a list of numbers at once. */
exports.describe = (numbers) => ({
  count: numbers.length,
  sum: exports.sum(numbers),
  median: exports.median(numbers),
});
