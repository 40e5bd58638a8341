import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { applyHunks } from "../../../src/tools/patch/apply-hunks.ts";
import { type Hunk, parsePatch } from "../../../src/tools/patch/parse-patch.ts";

function hunksOf(body: string): readonly Hunk[] {
  const parsed = parsePatch(`*** Begin Patch\n*** Update File: f\n${body}\n*** End Patch`);
  assert.equal(parsed.kind, "patch", JSON.stringify(parsed));
  const [first] = parsed.kind === "patch" ? parsed.operations : [];
  return first?.kind === "update" ? first.hunks : [];
}

function patched(text: string, body: string): string {
  const applied = applyHunks(text, hunksOf(body));
  return applied.kind === "applied" ? applied.text : `missed: ${applied.misses.map(({ reason }) => reason).join("; ")}`;
}

const TABLE: readonly (readonly [claim: string, file: string, body: string, wanted: string])[] = [
  ["an exact place wins over an earlier, less exact one", "a  \nx\na\ny\n", "@@\n-a\n+b", "a  \nx\nb\ny\n"],
  ["white space at the end is ignored", "a \t\nb\n", "@@\n a\n-b\n+c", "a \t\nc\n"],
  [
    "white space at the beginning is ignored",
    "\tif (x) {\n\t\ty\n",
    "@@\n   if (x) {\n-  y\n+\t\tz",
    "\tif (x) {\n\t\tz\n",
  ],
  [
    "dashes, quotes and spaces of Unicode are read as ASCII",
    "“a”\u00a0– it’s…\nb\n",
    '@@\n "a" - it\'s...\n-b\n+c',
    "“a”\u00a0– it’s…\nc\n",
  ],
  ["a line with other white space wins over one with other quotes", '\t“x”\n\t"x"\n', '@@\n-"x"\n+y', "\t“x”\ny\n"],
  ["the line after @@ narrows the search", "f:\n x\ng:\n x\n", "@@ g:\n- x\n+ y", "f:\n x\ng:\n y\n"],
  ["part of a line is enough after @@", "f(a) {\nx\ng(b, c) {\nx\n", "@@ g(b\n-x\n+y", "f(a) {\nx\ng(b, c) {\ny\n"],
  ["lines after @@ nest", "A\nf\nx\nB\nf\nx\n", "@@ B\n@@ f\n-x\n+y", "A\nf\nx\nB\nf\ny\n"],
  ["the line after @@ may be repeated in the hunk", "f\nx\n", "@@ f\n f\n-x\n+y", "f\ny\n"],
  ["two hunks may name the same line", "f\nx\ny\n", "@@ f\n-x\n+1\n@@ f\n-y\n+2", "f\n1\n2\n"],
  ["hunks go on from the last match", "x\nx\nx\n", "@@\n-x\n+1\n@@\n-x\n+2", "1\n2\nx\n"],
  ["lines alone are added at the end", "a\nb\n", "@@\n+c", "a\nb\nc\n"],
  ["lines alone are added below the line after @@", "a\nb\n", "@@ a\n+c", "a\nc\nb\n"],
  ["an empty file takes lines", "", "@@\n+a\n+b", "a\nb\n"],
  ["End of File ties a hunk to the end", "x\ny\nx\n", "@@\n-x\n+z\n*** End of File", "x\ny\nz\n"],
  [
    "End of File elsewhere is a miss",
    "x\ny\n",
    "@@\n-x\n+z\n*** End of File",
    'missed: its lines stand at line 1, not at the end of the file as "*** End of File" says',
  ],
  ["a blank kept line may stand for the last line break", "a\nb\n", "@@\n-b\n+c\n \n*** End of File", "a\nc\n"],
  ["CRLF stays CRLF", "a\r\nb\r\n", "@@\n a\n-b\n+c\n+d", "a\r\nc\r\nd\r\n"],
  ["mixed line ends stay as they are", "a\r\nb\nc\r\n", "@@\n b\n+x\n c", "a\r\nb\nx\r\nc\r\n"],
  ["CRLF without a last line break", "a\r\nb", "@@\n b\n+c", "a\r\nb\r\nc"],
  ["a BOM stays", "\uFEFFa\nb\n", "@@\n-a\n+x", "\uFEFFx\nb\n"],
  ["a missing last line break stays missing", "a\nb", "@@\n-b\n+c", "a\nc"],
  ["an added empty last line gives the file its line break", "a\nb", "@@\n b\n+", "a\nb\n"],
  ["the marker of diffs adds a last line break", "a", "@@\n-a\n\\ No newline at end of file\n+b", "b\n"],
  ["the marker of diffs takes it away", "a\n", "@@\n-a\n+b\n\\ No newline at end of file", "b"],
  ["a file can be emptied", "a\n", "@@\n-a", ""],
  [
    "a masked secret matches the real one and keeps it",
    'k = "s3cr3t"; // x\nb\n',
    '@@\n k = "[secret:K]"; // x\n-b\n+c',
    'k = "s3cr3t"; // x\nc\n',
  ],
  ["a masked secret can be removed", "K=s3cr3t\nb\n", "@@\n-K=[secret:K]\n b", "b\n"],
  [
    "a mask does not match other text around it",
    "L=s3cr3t\n",
    "@@\n-K=[secret:K]\n+K=",
    "missed: its lines were not found",
  ],
  [
    "a mask does not reach over what follows it",
    'K="a",\n',
    '@@\n-K="[secret:K]";\n+K=',
    "missed: its lines were not found",
  ],
  ["several masks in a line each match in their order", "a=1 b=2 c\n", "@@\n-a=[secret:A] b=[secret:B] c\n+d", "d\n"],
  [
    "several masks in the wrong order do not",
    "b=2 a=1 c\n",
    "@@\n-a=[secret:A] b=[secret:B] c\n+d",
    "missed: its lines were not found",
  ],
  [
    "a hunk above the one before is told so",
    "a\nb\n",
    "@@\n-b\n+B\n@@\n-a\n+A",
    "missed: its lines stand at line 1, above the end of the hunk before it (line 2); hunks must stand in the order of the file",
  ],
  [
    "a hunk that was applied already is told so",
    "const a = 2;\n",
    "@@\n-const a = 1;\n+const a = 2;",
    "missed: its old lines are not there, but its new lines stand at line 1 already",
  ],
  ["an unknown line after @@ is a miss", "a\n", "@@ nowhere\n-a\n+b", 'missed: the line after "@@" was not found'],
];

for (const [claim, file, body, wanted] of TABLE) {
  test(claim, () => assert.equal(patched(file, body), wanted));
}

const line = fc.constantFrom("", "a", "b", "  a", "x = 1", "}", "end", "é — ü");
const lines = fc.array(line, { maxLength: 40 });

test("a patch made from random edits gives the edited file", () => {
  const edit = fc.record({ at: fc.nat(40), drop: fc.nat(3), add: fc.array(line, { maxLength: 3 }) });
  const file = fc.record({
    lines,
    edits: fc.array(edit, { minLength: 1, maxLength: 5 }),
    eol: fc.constantFrom("\n", "\r\n"),
  });
  fc.assert(
    fc.property(file, ({ lines, edits, eol }) => {
      const text = lines.map((line) => line + eol).join("");
      const { body, after } = makePatch(lines, edits);
      if (body === "") return;
      assert.equal(patched(text, body), after.map((line) => line + eol).join(""));
    }),
    { numRuns: 500 },
  );
});

interface Edit {
  readonly at: number;
  readonly drop: number;
  readonly add: readonly string[];
}

/** Hunks with all lines since the last edit as context: enough for any place to be the only one. */
function makePatch(lines: readonly string[], edits: readonly Edit[]): { body: string; after: string[] } {
  const hunks: string[] = [];
  const after: string[] = [];
  let next = 0;
  for (const { at, drop, add } of [...edits].sort((one, other) => one.at - other.at)) {
    if (at < next || at > lines.length) continue;
    const kept = lines.slice(next, at);
    const gone = lines.slice(at, at + drop);
    if (gone.length + add.length === 0 || kept.length + gone.length === 0) continue;
    after.push(...kept, ...add);
    next = at + gone.length;
    hunks.push(
      [
        "@@",
        ...kept.map((text) => ` ${text}`),
        ...gone.map((text) => `-${text}`),
        ...add.map((text) => `+${text}`),
      ].join("\n"),
    );
  }
  after.push(...lines.slice(next));
  return { body: hunks.join("\n"), after };
}

test("hunks without edits leave every text as it is, byte for byte", () => {
  const text = fc.array(fc.constantFrom("a", "\n", "\r\n", "\r", "\uFEFF", " ", "é"), { maxLength: 30 });
  fc.assert(fc.property(text, (parts) => applyHunks(parts.join(""), []).kind === "applied" && same(parts.join(""))));
  function same(whole: string): boolean {
    const applied = applyHunks(whole, []);
    return applied.kind === "applied" && applied.text === whole;
  }
});

test("a hundred fuzzy hunks in five thousand lines are quick", () => {
  const file = Array.from({ length: 5000 }, (_, index) => `  line ${index} of many, “quoted”`);
  const body = Array.from({ length: 100 }, (_, index) => {
    const at = index * 50;
    return `@@\n line ${at} of many, "quoted"\n-line ${at + 1} of many, "quoted"\n+new ${index}`;
  }).join("\n");
  const hunks = hunksOf(body);
  const before = performance.now();
  const applied = applyHunks(`${file.join("\n")}\n`, hunks);
  assert.equal(applied.kind, "applied");
  assert.ok(performance.now() - before < 2000); // about 20 ms where nothing else runs
});
