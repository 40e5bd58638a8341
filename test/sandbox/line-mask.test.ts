import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createMask } from "../../src/policy/secrets.ts";
import { LineMask } from "../../src/sandbox/line-mask.ts";

const SECRET = "sk-0123456789abcdef";
const mask = (text: string): string => text.replaceAll(SECRET, "[secret:KEY]");

test("a secret is hidden wherever the pieces are split", () => {
  const line = fc.array(fc.constantFrom("a", "é", "😀", " ", "\n", "\r", "sk-", SECRET, "x".repeat(3000)), {
    maxLength: 12,
  });
  const cuts = fc.array(fc.nat(20_000), { maxLength: 8 });
  fc.assert(
    fc.property(line, cuts, (parts, places) => {
      const text = parts.join("");
      const lines = new LineMask(mask);
      const ends = [...new Set(places.map((place) => Math.min(place, text.length))), text.length].sort((a, b) => a - b);
      let shown = "";
      let from = 0;
      for (const end of ends) {
        shown += lines.push(text.slice(from, end));
        from = end;
      }
      assert.equal(shown + lines.flush(), mask(text));
    }),
    { numRuns: 400 },
  );
});

test("a line without an end is not held back for ever", () => {
  const lines = new LineMask(mask);
  let shown = 0;
  for (let count = 0; count < 100; count++) shown += lines.push("x".repeat(1000)).length;
  assert.ok(shown >= 100_000 - 9192, `only ${shown} shown`);
});

test("a secret is hidden wherever it stands in a line that is too long to hold", () => {
  for (let after = 1900; after < 2200; after++) {
    const lines = new LineMask(mask);
    const text = `${"x".repeat(20_000)}${SECRET}${"y".repeat(after)}`;
    assert.equal(lines.push(text) + lines.push("z\n"), mask(`${text}z\n`));
  }
});

test("a prompt can be shown before its line ends, and is shown once", () => {
  const lines = new LineMask(mask);
  assert.equal(lines.push("Name: "), "");
  assert.equal(lines.flush(), "Name: ");
  assert.equal(lines.flush(), "");
  assert.equal(lines.push("Ada\nPass"), "Ada\n");
  assert.equal(lines.flush(), "Pass");
});

test("of a secret whose start was shown already, the rest stays hidden", () => {
  const lines = new LineMask(mask);
  lines.push(`key ${SECRET.slice(0, 6)}`);
  const first = lines.flush();
  const second = lines.push(`${SECRET.slice(6)} end\n`);
  assert.equal(first + second, "key sk-012[secret:KEY] end\n");
});

test("a shown line that grows too long to hold is not shown twice", () => {
  const lines = new LineMask(mask);
  const long = "0123456789".repeat(810);
  let shown = lines.push(long) + lines.flush();
  shown += lines.push("abcdefghij".repeat(20));
  shown += lines.push("\n");
  assert.equal(shown, `${long}${"abcdefghij".repeat(20)}\n`);
});

const BODY = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7";
const BLOCK = `key:\n-----BEGIN PRIVATE KEY-----\n${`${BODY}\n`.repeat(20)}q83vEjRWeJA=\n-----END PRIVATE KEY-----\nrest\n`;

test("the block of a private key is hidden wherever the pieces are split, its short last line too", () => {
  const real = createMask([]);
  assert.ok(!real(BLOCK).includes("q83v"));
  for (let cut = 1; cut < BLOCK.length; cut++) {
    const lines = new LineMask(real);
    assert.equal(lines.push(BLOCK.slice(0, cut)) + lines.push(BLOCK.slice(cut)) + lines.flush(), real(BLOCK));
  }
  const lines = new LineMask(real);
  const shown = [...BLOCK].map((letter) => lines.push(letter)).join("");
  assert.equal(shown + lines.flush(), real(BLOCK));
});

test("a block that never ends is not held back for ever, nor is what only speaks of one", () => {
  const lines = new LineMask(createMask([]));
  assert.notEqual(lines.push(`-----BEGIN PRIVATE KEY-----\n${`${BODY}\n`.repeat(400)}`), "");
  const talk = 'grep "-----BEGIN PRIVATE KEY-----" *.pem || echo "(none)";\nnext\n';
  assert.equal(lines.push(talk), talk);
  const open = new LineMask(createMask([]));
  assert.equal(open.push(`-----BEGIN PRIVATE KEY-----\n${BODY}\n`), "");
  assert.equal(open.holds, true);
  assert.equal(open.flush(), "-----BEGIN PRIVATE KEY-----\n[secret:private-key]\n");
});
