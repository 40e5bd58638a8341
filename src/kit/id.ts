/** Ids: UUIDv7 (RFC 9562), so that they sort by time. */

/**
 * Make a UUIDv7.
 *
 * @param ms     milliseconds since 1970
 * @param random 10 random bytes
 */
export function uuid7(ms: number, random: Uint8Array): string {
  if (random.length < 10) throw new RangeError(`Cannot make id: expected 10 random bytes, got ${random.length}`);
  const time = Math.floor(ms).toString(16).padStart(12, "0");
  const rest = Array.from(random.subarray(0, 10), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const variant = ((Number.parseInt(rest.slice(3, 5), 16) & 0x3f) | 0x80).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${rest.slice(0, 3)}-${variant}${rest.slice(5, 7)}-${rest.slice(7, 19)}`;
}

export const isUuid = (text: string): boolean =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(text);
