/** The codec of server-sent events: any split of the bytes, golden edge cases, round trip, no quadratic cost. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createSseDecoder, printSse, type SseEvent } from "../../src/wire/sse.ts";

const utf8 = new TextEncoder();

function decode(...chunks: readonly (string | Uint8Array)[]): { events: SseEvent[]; unfinished: SseEvent | null } {
  const decoder = createSseDecoder();
  const events = chunks.flatMap((chunk) => decoder.push(typeof chunk === "string" ? utf8.encode(chunk) : chunk));
  return { events, unfinished: decoder.end() };
}

const message = (data: string): SseEvent => ({ event: "message", data });

const oneLine = fc.string({ unit: "grapheme", maxLength: 20 }).map((text) => text.replace(/[\r\n\0]/g, "_"));
const anyEvent: fc.Arbitrary<SseEvent> = fc
  .record({
    event: oneLine.map((name) => name || "message"),
    data: fc.array(oneLine, { minLength: 1, maxLength: 4 }).map((lines) => lines.join("\n")),
    id: fc.option(oneLine, { nil: undefined }),
  })
  .map(({ event, data, id }) => (id === undefined ? { event, data } : { event, data, id }));

/** Text that is full of what the decoder must get right. */
const anyStream = fc
  .array(
    fc.constantFrom(
      "data: a",
      "data:b",
      "data",
      "event: x",
      "id: 1",
      ": comment",
      "\n",
      "\r",
      "\r\n",
      "\n\n",
      "é🐦",
      "\uFEFF",
      " ",
      ":",
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(""));

function split(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const at = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [...at, bytes.length].map((end, index) => bytes.subarray(index === 0 ? 0 : at[index - 1], end));
}

describe("sse", () => {
  for (const [claim, text, expected] of [
    ["reads one event", "data: x\n\n", [message("x")]],
    ["joins lines of data with LF", "data: a\ndata: b\n\n", [message("a\nb")]],
    [
      "takes CR, LF and CRLF as line ends",
      "data: a\r\rdata: b\n\ndata: c\r\n\r\n",
      [message("a"), message("b"), message("c")],
    ],
    ["reads the name and the id", "event: e\nid: 7\ndata: x\n\n", [{ event: "e", data: "x", id: "7" }]],
    [
      "forgets name and id after the event",
      "event: e\nid: 7\ndata: x\n\ndata: y\n\n",
      [{ event: "e", data: "x", id: "7" }, message("y")],
    ],
    ["skips comments", ": hi\n:\ndata: x\n: there\n\n", [message("x")]],
    ["skips fields it does not know", "retry: 5\nfoo: bar\ndata: x\n\n", [message("x")]],
    ["drops one space after the colon, not two", "data:  x\n\ndata:y\n\n", [message(" x"), message("y")]],
    ["takes a field without a colon as empty", "data\n\ndata\ndata\n\n", [message(""), message("\n")]],
    ["drops an event without data", "event: e\n\ndata: x\n\n", [message("x")]],
    ["drops a byte order mark at the start only", "\uFEFFdata: x\uFEFF\n\n", [message("x\uFEFF")]],
    ["passes [DONE] as data", "data: [DONE]\n\n", [message("[DONE]")]],
    ["ignores an id with a NUL", "id: a\0b\ndata: x\n\n", [message("x")]],
    ["reads blank lines as nothing", "\n\r\n\r\ndata: x\n\n\n\n", [message("x")]],
  ] as const) {
    it(claim, () => assert.deepEqual(decode(text), { events: expected, unfinished: null }));
  }

  it("does not count an event whose blank line never came, but shows it", () => {
    assert.deepEqual(decode("data: a\n\nevent: e\ndata: b\n"), {
      events: [message("a")],
      unfinished: { event: "e", data: "b" },
    });
    assert.deepEqual(decode("data: a\n\ndata: b"), { events: [message("a")], unfinished: message("b") });
    assert.deepEqual(decode("event: e"), { events: [], unfinished: { event: "e", data: "" } });
    assert.deepEqual(decode(": only a comment"), { events: [], unfinished: null });
  });

  it("completes an event at a lone CR without waiting for what follows", () => {
    const decoder = createSseDecoder();
    assert.deepEqual(decoder.push(utf8.encode("data: x\r\r")), [message("x")]);
    assert.deepEqual(decoder.push(utf8.encode("\ndata: y\n\n")), [message("y")]);
  });

  it("puts a character together that was split over chunks", () => {
    const bytes = utf8.encode("data: 🐦\n\n");
    assert.deepEqual(decode(...Array.from(bytes, (byte) => Uint8Array.of(byte))).events, [message("🐦")]);
  });

  it("shows broken UTF-8 as replacement characters", () => {
    assert.deepEqual(decode("data: a", Uint8Array.of(0xff), "b\n\n").events, [message("a\uFFFDb")]);
  });

  it("gives the same events however the bytes are split", () => {
    fc.assert(
      fc.property(anyStream, fc.array(fc.nat(), { maxLength: 30 }), (text, cuts) => {
        const bytes = utf8.encode(text);
        assert.deepEqual(decode(...split(bytes, cuts)), decode(bytes));
        assert.deepEqual(decode(...Array.from(bytes, (byte) => Uint8Array.of(byte))), decode(bytes));
      }),
      { numRuns: 500 },
    );
  });

  it("gives the same events for any bytes, however they are split", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.array(fc.nat(), { maxLength: 10 }), (noise, cuts) => {
        const bytes = Buffer.concat([utf8.encode("data: "), noise, utf8.encode("\n\n")]);
        assert.deepEqual(decode(...split(bytes, cuts)), decode(bytes));
      }),
      { numRuns: 500 },
    );
  });

  it("reads back what it printed, however the bytes are split", () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 8 }), fc.array(fc.nat(), { maxLength: 12 }), (events, cuts) => {
        const bytes = utf8.encode(events.map(printSse).join(""));
        assert.deepEqual(decode(...split(bytes, cuts)), { events, unfinished: null });
      }),
    );
  });

  it("prints line breaks in data as lines of their own", () => {
    assert.equal(
      printSse({ event: "e", data: "a\r\nb\rc", id: "1" }),
      "event: e\nid: 1\ndata: a\ndata: b\ndata: c\n\n",
    );
    assert.throws(() => printSse({ event: "a\nb", data: "" }), RangeError);
    assert.throws(() => printSse({ event: "a", data: "", id: "\r" }), RangeError);
  });

  it("takes a mark once, also when two come in pieces", () => {
    const bytes = utf8.encode("\uFEFF\uFEFFdata: a\n\ndata: b\n\n");
    assert.deepEqual(decode(bytes).events, [message("b")]);
    assert.deepEqual(decode(...Array.from(bytes, (byte) => Uint8Array.of(byte))).events, [message("b")]);
  });

  for (const [claim, text, isOver] of [
    ["as long as allowed", "data: 34\n\ndata: 34\n\n", false],
    ["longer, in one line", "data: 34\n\ndata: 345\n\n", true],
    ["longer, in many lines", "data: 34\n\ndata\ndata\ndata\ndata\ndata\ndata\n\n", true],
    ["longer, and only a comment", "data: 34\n\n:2345678901", true],
    ["longer, and never ended", "data: 34\n\ndata: 345", true],
  ] as const) {
    it(`gives up at an event that is ${claim}, wherever the bytes are split`, () => {
      for (const size of [1, 3, 100]) {
        const decoder = createSseDecoder(8);
        const told: SseEvent[] = [];
        for (let at = 0; at < text.length; at += size)
          told.push(...decoder.push(utf8.encode(text.slice(at, at + size))));
        assert.equal(decoder.isOver(), isOver);
        assert.deepEqual(told, isOver ? [message("34")] : [message("34"), message("34")]);
        if (isOver) assert.deepEqual([decoder.push(utf8.encode("\n\ndata: 5\n\n")), decoder.end()], [[], null]);
      }
    });
  }

  it("joins the pieces of a line once: 16 MB of one event in pieces of 64 bytes are no work", () => {
    const decoder = createSseDecoder();
    const piece = utf8.encode("x".repeat(64));
    const pieces = (16 << 20) / 64;
    const start = performance.now();
    decoder.push(utf8.encode("data: "));
    for (let sent = 0; sent < pieces; sent++) decoder.push(piece);
    const [event] = decoder.push(utf8.encode("\n\n"));
    assert.equal(event?.data.length, 16 << 20);
    // some 100 ms when each byte is looked at once; minutes when the line is searched from its start with each piece
    assert.ok(performance.now() - start < 20_000);
  });
});
