/** What every log demands of the entries it is handed. */
import type { Entry } from "../thread/entry.ts";

/**
 * Check that a batch goes on where the log ends.
 *
 * @param lastSeq the newest entry of the log; 0 = it has none
 * @throws {RangeError} when a `seq` is missing, doubled or out of order
 * @throws {TypeError}  when the log would begin with something other than an `open` entry
 */
export function checkBatch(entries: readonly Entry[], lastSeq: number): void {
  for (const [index, { seq }] of entries.entries()) {
    const expected = lastSeq + 1 + index;
    if (seq !== expected) throw new RangeError(`Cannot append entry: expected seq ${expected}, got ${seq}`);
  }
  const [first] = entries;
  if (lastSeq === 0 && first !== undefined && first.kind !== "open")
    throw new TypeError(`Cannot begin log: the first entry must be "open", got "${first.kind}"`);
}
