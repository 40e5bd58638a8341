/**
 * Tokens: an estimate from bytes, calibrated by what providers report.
 *
 * Is not      a tokenizer: exact counts need one, and only few places need exact counts.
 * Source      4 bytes a token is what Codex and most harnesses use for English and code.
 */
export const BYTES_PER_TOKEN = 4;

/** Tokens of `sizeBytes` bytes of UTF-8, rounded up. */
export const tokensOfBytes = (sizeBytes: number): number => Math.ceil(sizeBytes / BYTES_PER_TOKEN);

/** Tokens of a text, rounded up. */
export const tokensOf = (text: string): number => tokensOfBytes(byteLength(text));

/** Bytes that `text` takes as UTF-8, without encoding it. A lone surrogate counts as 3, as the encoder writes it. */
export function byteLength(text: string): number {
  let size = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    if (unit < 0x800) size += 1;
    else if (unit >= 0xd800 && unit <= 0xdbff && isLow(text.charCodeAt(index + 1))) {
      size += 2;
      index++;
    } else size += 2;
  }
  return size;
}

const isLow = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;
