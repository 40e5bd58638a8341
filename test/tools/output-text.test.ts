import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Taken } from "../../src/engine/ports.ts";
import { tokensOf, tokensOfBytes } from "../../src/kit/tokens.ts";
import { type Frame, outputText } from "../../src/tools/output-text.ts";

const FILE = "/spill/out.txt";
const frame = (tokens: number, more: Partial<Frame> = {}): Frame => ({
  title: "exit code 0 · 0.1 s",
  note: "",
  tokens,
  receivedBytes: 5,
  keepWhole: () => ({ file: FILE, trouble: "" }),
  ...more,
});
const taken = (head: string, tail = "", droppedBytes = 0, droppedLines = 0): Taken => ({
  head,
  tail,
  droppedBytes,
  droppedLines,
  whole: null,
});

test("what fits is shown as it is", () => {
  assert.deepEqual(outputText(taken("a\nb\n"), frame(100)), { text: "exit code 0 · 0.1 s\na\nb\n", whole: null });
  assert.equal(outputText(taken(""), frame(100)).text, "exit code 0 · 0.1 s\n(no output)");
  assert.equal(outputText(taken("a"), frame(100, { note: "[n]" })).text, "exit code 0 · 0.1 s\na\n[n]");
  assert.equal(outputText(taken("a\n"), frame(100, { note: "[n]" })).text, "exit code 0 · 0.1 s\na\n[n]");
});

test("what does not fit is cut in the middle with exact counts, and stays within the cap", () => {
  const lines = fc.array(fc.string({ unit: fc.constantFrom("a", "b", "é", "😀", " "), maxLength: 60 }), {
    maxLength: 200,
  });
  const gaps = fc.option(fc.record({ bytes: fc.integer({ min: 1, max: 1e9 }), lines: fc.nat(1e6) }), { nil: null });
  fc.assert(
    fc.property(lines, fc.integer({ min: 150, max: 1500 }), gaps, fc.nat(), (texts, tokens, gap, place) => {
      const all = texts.join("\n");
      const split = gap === null || all.length < 2 ? all.length : (place % (all.length - 1)) + 1;
      if (/[\ud800-\udbff]/.test(all[split - 1] ?? "")) return;
      const isGap = split < all.length && gap !== null;
      const { text, whole } = outputText(
        taken(all.slice(0, split), all.slice(split), isGap ? gap.bytes : 0, isGap ? gap.lines : 0),
        frame(tokens),
      );
      assert.ok(tokensOf(text) <= tokens, `${tokensOf(text)} tokens where ${tokens} are allowed`);
      const [title, ...rest] = text.split("\n");
      assert.equal(title, "exit code 0 · 0.1 s");
      const at = rest.findIndex((line) => line.startsWith("[… "));
      if (at < 0) return assert.equal(whole, null);
      assert.equal(whole, FILE);
      const tail = rest.slice(at + 1).join("\n");
      const body = rest.slice(0, at).join("\n");
      const head = all.startsWith(`${body}\n`) ? `${body}\n` : body;
      assert.ok(all.startsWith(body) && all.endsWith(tail));
      const [, cutTokens, cutLines] =
        /^\[… (\d+) tokens in (\d+) lines left out; the whole output is in \/spill\/out\.txt …\]$/.exec(rest[at]!)!;
      // Whether a line break before the marker is the output's or ours cannot be seen: both are right.
      const [low, high] = [head, body].map((start) => {
        const middle = all.slice(start.length, all.length - tail.length);
        return {
          tokens: tokensOfBytes(Buffer.byteLength(middle) + (isGap ? gap.bytes : 0)),
          lines: middle.split("\n").length - 1 + (isGap ? gap.lines : 0),
        };
      });
      const seen = { tokens: Number(cutTokens), lines: Number(cutLines) };
      assert.ok(
        [low, high].some((one) => one!.tokens === seen.tokens && one!.lines === seen.lines),
        JSON.stringify({ seen, low, high }),
      );
    }),
    { numRuns: 500 },
  );
});

test("where the whole output is not kept, it says why", () => {
  const long = "line\n".repeat(500);
  const keep = (file: string | null, trouble: string) =>
    outputText(taken(long), frame(100, { keepWhole: () => ({ file, trouble }) }));
  assert.match(keep(null, "it could not be saved: ENOSPC").text, /left out; it could not be saved: ENOSPC …\]/);
  assert.match(keep(null, "").text, /left out; the rest was not kept …\]/);
  assert.match(keep(FILE, "only its first 9 MiB").text, /; \/spill\/out\.txt holds only its first 9 MiB …\]/);
});

test("binary output is named, not poured in", () => {
  assert.equal(
    outputText(taken("\u007fELF\0\0\0some words\0"), frame(100)).text,
    "exit code 0 · 0.1 s\n(binary output, 5 bytes)\nELF some words",
  );
  assert.equal(
    outputText(taken("\ufffd\ufffd\ufffda"), frame(100)).text,
    "exit code 0 · 0.1 s\n(binary output, 5 bytes)",
  );
  assert.equal(outputText(taken("caf\ufffd au lait\n"), frame(100)).text, "exit code 0 · 0.1 s\ncaf\ufffd au lait\n");
});
