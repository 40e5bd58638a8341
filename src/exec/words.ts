/** Words: numbers, times and shares as people read them. */

/** 48120 as "48,120". */
export const count = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ",");

/** "1 file", "2 files". */
export const plural = (value: number, noun: string): string => `${count(value)} ${noun}${value === 1 ? "" : "s"}`;

/** A time in milliseconds as "12 ms", "1.2 s" or "2 min 05 s". */
export function span(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
}

/** A share as "83 %"; 100 only when it is all. */
export const share = (part: number, whole: number): string =>
  whole === 0 ? "0 %" : `${part === whole ? 100 : Math.min(99, Math.round((part / whole) * 100))} %`;
