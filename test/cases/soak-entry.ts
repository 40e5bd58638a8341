/** Entry n of a log that is written under fire: short ones, long ones, now and then a very long one. */
import type { Entry } from "../../src/thread/entry.ts";
import { noted, opening } from "./log.ts";

export function soakEntry(seq: number): Entry {
  if (seq === 1) return opening("soak", "/soak");
  const chars = seq % 29 === 0 ? 3_000_000 : seq % 7 === 0 ? 40_000 : 40;
  return noted(seq, `${seq} `.repeat(Math.ceil(chars / 8)));
}
