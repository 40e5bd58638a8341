/** Tables of the bench. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { printNumber, printTable } from "../../bench/table.ts";

test("a table has medians, their range, and the first column over the last", () => {
  const rows = [
    { name: "first request", unit: "ms", values: [[200, 150, 100], [100]] },
    { name: "extra requests", unit: "", values: [[0], []] },
  ];
  const text = printTable({ title: "start", columns: ["godwit", "bare"], ratio: "to bare", rows, notes: ["a note"] });
  assert.deepEqual(text.split("\n"), [
    "start",
    "                             godwit  bare  to bare",
    "  first request, ms  150 [100..200]   100   x 1.50",
    "  extra requests                  0     -",
    "  a note",
    "",
  ]);
});

test("numbers show the digits that count", () => {
  assert.deepEqual([0.0123, 0.5, 3.456, 42.42, 1234.5, 7].map(printNumber), [
    "0.0123",
    "0.50",
    "3.46",
    "42.4",
    "1235",
    "7",
  ]);
});
