/** Key-like: does a value look like a secret made by a machine, or like words, numbers, paths and code? */

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const HEX = /^(?:0x)?[0-9a-f]+$/i;
/** A word, perhaps with a short number behind it, or a short number alone: `sha256`, `v2`, `2024`. */
const WORD = /^(?:[A-Za-z]{1,30}\d{0,3}|\d{1,4}|[a-z]\d{1,3}[a-z]{1,3})$/;
const ROOTS =
  /^\/(?:home|Users|root|etc|var|run|tmp|opt|usr|mnt|data|app|apps|workspace|work|private|srv|proc|dev)(?:\/|$)/;

/**
 * Would a reader take this for a generated key or password? Needs 8 characters and more,
 * letters and digits mixed in a way that words with a number behind them are not.
 */
export function isKeyLike(value: string): boolean {
  if (value.length < 8 || isPath(value)) return false;
  if (!/\d/.test(value)) return value.length >= 20 && caseChanges(value) >= value.length * 0.4;
  if (!/[A-Za-z]/.test(value)) return false;
  return !value.split(/[-_./:,+@=]/).every((part) => part === "" || WORD.test(part));
}

/** A hash, an id or a checksum as they stand in ordinary texts. */
export const isFingerprint = (value: string): boolean => UUID.test(value) || HEX.test(value);

/** An obvious path of a file system. */
export function isPath(value: string): boolean {
  if (/^(?:~|\.{1,2})\/|^[A-Za-z]:[\\/]|^file:/.test(value) || ROOTS.test(value)) return true;
  return value.startsWith("/") && value.split(/[-_./]/).every((part) => part === "" || WORD.test(part));
}

function caseChanges(value: string): number {
  let changes = 0;
  for (let at = 1; at < value.length; at++) {
    const [before, now] = [value[at - 1] as string, value[at] as string];
    if (/[a-z]/.test(before) && /[A-Z]/.test(now)) changes++;
    if (/[A-Z]/.test(before) && /[a-z]/.test(now)) changes++;
  }
  return changes;
}
