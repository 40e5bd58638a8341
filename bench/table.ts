/** Table: what a part of the bench found, as lines of text. */
import { median, quantile } from "./figures.ts";

/** One figure: what each arm measured, once a repeat. */
export interface Row {
  readonly name: string;
  readonly unit: string;
  /** One list per column, in the columns' order; an empty one shows as a dash. */
  readonly values: readonly (readonly number[])[];
}

export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  /** Head of the last column: the first one's median over the last one's. Left out where it says nothing. */
  readonly ratio?: string;
  readonly notes?: readonly string[];
}

/** Medians, with the smallest and the largest where there were several. */
export function printTable({ title, columns, rows, ratio, notes }: Table): string {
  const head = ["", ...columns, ...(ratio === undefined ? [] : [ratio])];
  const body = rows.map(({ name, unit, values }) => [
    unit === "" ? name : `${name}, ${unit}`,
    ...values.map(printValues),
    ...(ratio === undefined ? [] : [ratioOf(values)]),
  ]);
  const lines = [head, ...body];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? "").length)));
  const printed = lines.map((line) =>
    line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))),
  );
  return [title, ...printed.map((line) => `  ${line.join("  ").trimEnd()}`), ...(notes ?? []).map(indent), ""].join(
    "\n",
  );
}

const indent = (note: string): string => `  ${note}`;

function printValues(values: readonly number[]): string {
  if (values.length === 0) return "-";
  const middle = printNumber(median(values));
  const [low, high] = [printNumber(quantile(values, 0)), printNumber(quantile(values, 1))];
  return low === high ? middle : `${middle} [${low}..${high}]`;
}

function ratioOf(values: readonly (readonly number[])[]): string {
  const [first, last] = [values[0] ?? [], values.at(-1) ?? []];
  if (first.length === 0 || last.length === 0 || values.length < 2 || median(last) === 0) return "";
  return `x ${(median(first) / median(last)).toFixed(2)}`;
}

/** Three digits that count. */
export function printNumber(value: number): string {
  const size = Math.abs(value);
  if (Number.isInteger(value) || size >= 100) return value.toFixed(0);
  return value.toFixed(size >= 10 ? 1 : size >= 0.1 ? 2 : 4);
}
