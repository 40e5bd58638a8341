/** The lines of an open file, one at a time, whatever their length and the file's. */
import { readSync } from "node:fs";

const CHUNK_BYTES = 256 * 1024;
const NEWLINE = 0x0a;

/**
 * The lines between the file's start and `endBytes`, without their newline; what follows the last newline is left out.
 *
 * @param skip how many lines to pass over without decoding them
 * @effects reads with positions, so that the file's own position is not moved; holds one line and one chunk
 */
export function* readLines(fd: number, endBytes: number, skip = 0): Generator<string, void, void> {
  const chunk = Buffer.allocUnsafe(Math.max(1, Math.min(CHUNK_BYTES, endBytes)));
  let pieces: Buffer[] = [];
  let left = skip;
  for (let at = 0; at < endBytes; ) {
    const got = readSync(fd, chunk, 0, Math.min(chunk.length, endBytes - at), at);
    if (got === 0) return;
    let start = 0;
    for (;;) {
      const end = chunk.subarray(0, got).indexOf(NEWLINE, start);
      if (end < 0) break;
      if (left > 0) left--;
      else yield lineOf(pieces, chunk, start, end);
      pieces = [];
      start = end + 1;
    }
    // The chunk is read into again: what is kept of it must be a copy.
    if (start < got && left === 0) pieces.push(Buffer.from(chunk.subarray(start, got)));
    at += got;
  }
}

function lineOf(pieces: readonly Buffer[], chunk: Buffer, start: number, end: number): string {
  if (pieces.length === 0) return chunk.toString("utf8", start, end);
  return Buffer.concat([...pieces, chunk.subarray(start, end)]).toString("utf8");
}

/**
 * Where the last newline before `endBytes` stands.
 *
 * @returns its offset, or -1 when there is none
 */
export function lastNewline(fd: number, endBytes: number): number {
  const chunk = Buffer.allocUnsafe(Math.max(1, Math.min(CHUNK_BYTES, endBytes)));
  for (let end = endBytes; end > 0; ) {
    const start = Math.max(0, end - chunk.length);
    const got = readSync(fd, chunk, 0, end - start, start);
    if (got === 0) return -1;
    const found = chunk.subarray(0, got).lastIndexOf(NEWLINE);
    if (found >= 0) return start + found;
    end = start;
  }
  return -1;
}

/** The bytes from `start` to `end` as text. */
export function readText(fd: number, start: number, end: number): string {
  const bytes = Buffer.allocUnsafe(end - start);
  let done = 0;
  while (done < bytes.length) {
    const got = readSync(fd, bytes, done, bytes.length - done, start + done);
    if (got === 0) break;
    done += got;
  }
  return bytes.toString("utf8", 0, done);
}
