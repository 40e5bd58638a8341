/** Prompt cache: how much of a prompt a provider would have found in its cache, simulated. */
const KEPT = 4;
const BLOCK = 128;
const SMALLEST = 1024;
const BYTES_PER_TOKEN = 4;

/** Remembers the last few prompts. */
export class PromptCache {
  readonly #prompts: Buffer[] = [];

  /** Tokens of the longest prefix shared with a remembered prompt, in whole blocks; then remember this one. */
  take(prompt: Buffer): number {
    const shared = Math.max(0, ...this.#prompts.map((known) => sharedBytes(known, prompt)));
    this.#prompts.unshift(prompt);
    this.#prompts.length = Math.min(this.#prompts.length, KEPT);
    const tokens = Math.floor(shared / BYTES_PER_TOKEN / BLOCK) * BLOCK;
    return tokens >= SMALLEST ? tokens : 0;
  }
}

/** Length of the common prefix, found by halving: comparing slices is far faster than a loop over bytes. */
function sharedBytes(a: Buffer, b: Buffer): number {
  let same = 0;
  let end = Math.min(a.length, b.length);
  if (a.compare(b, 0, end, 0, end) === 0) return end;
  while (end - same > 1) {
    const middle = (same + end) >> 1;
    if (a.compare(b, same, middle, same, middle) === 0) same = middle;
    else end = middle;
  }
  return same;
}
