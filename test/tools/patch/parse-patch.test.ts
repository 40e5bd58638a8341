import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePatch } from "../../../src/tools/patch/parse-patch.ts";

const wrap = (body: string): string => `*** Begin Patch\n${body}\n*** End Patch\n`;

test("all operations are read, each with its line in the patch", () => {
  const text = wrap(
    [
      "*** Add File: a b.txt",
      "+one",
      "+",
      "*** Update File: c.ts",
      "*** Move to: d.ts",
      "@@ class A",
      "@@ f() {",
      " kept",
      "-old",
      "+new",
      "*** End of File",
      "*** Delete File: e",
    ].join("\n"),
  );
  assert.deepEqual(parsePatch(text), {
    kind: "patch",
    operations: [
      { kind: "add", path: "a b.txt", line: 2, lines: ["one", ""], finalNewline: true },
      {
        kind: "update",
        path: "c.ts",
        line: 5,
        movedTo: "d.ts",
        hunks: [
          {
            line: 7,
            context: ["class A", "f() {"],
            lines: [
              { mark: " ", text: "kept" },
              { mark: "-", text: "old" },
              { mark: "+", text: "new" },
            ],
            atEnd: true,
          },
        ],
      },
      { kind: "delete", path: "e", line: 13 },
    ],
  });
});

test("what models put around a patch or leave out of it changes nothing", () => {
  const plain = parsePatch(wrap("*** Update File: f\n@@\n a\n \n-b\n+c"));
  const variants = [
    `\n\n${wrap("*** Update File: f\n@@\n a\n \n-b\n+c")}\n\n`,
    wrap("*** Update File: f\n@@\n a\n\n-b\n+c"),
    wrap("*** Update File: f\n@@\n a\n\n-b\n+c\n"),
    wrap("*** Update File: f\n a\n \n-b\n+c"),
    wrap("*** Update File: f\n@@ -1,3 +1,3 @@\n a\n \n-b\n+c"),
    wrap("*** Update File: f\n@@\n a\n \n-b\n+c").replaceAll("\n", "\r\n"),
    `<<'EOF'\n${wrap("*** Update File: f\n@@\n a\n \n-b\n+c")}EOF\n`,
    `\`\`\`diff\n${wrap("*** Update File: f\n@@\n a\n \n-b\n+c")}\`\`\``,
  ];
  const lines = (value: unknown): string => JSON.stringify(value).replace(/"line":\d+,/g, "");
  for (const variant of variants) assert.equal(lines(parsePatch(variant)), lines(plain), variant);
});

test("a text that is no patch is told where and what was expected", () => {
  const table: readonly (readonly [string, number, RegExp])[] = [
    ["", 1, /expected "\*\*\* Begin Patch", got the end of the patch/],
    ["--- a/f\n+++ b/f\n", 1, /expected "\*\*\* Begin Patch", got "--- a\/f"/],
    ["*** Begin Patch\n*** Delete File: f\n", 3, /expected "\*\*\* Add File: PATH".*got the end of the patch/],
    [wrap("*** Add File: f\nno plus"), 3, /expected "\+" before each line of the new file f, got "no plus"/],
    [wrap("*** Add File:"), 2, /expected a path/],
    [wrap("*** Update File: f\n@@\nno mark"), 4, /expected "@@", or a line that starts with " ".*got "no mark"/],
    [wrap("*** Update File: f\n@@"), 4, /the hunk is empty/],
    [wrap("*** Update File: f\n*** Move to:\n-a"), 3, /expected a path after "\*\*\* Move to:"/],
    [`${wrap("*** Delete File: f")}more`, 4, /expected nothing after/],
  ];
  for (const [text, line, message] of table) {
    const parsed = parsePatch(text);
    assert.equal(parsed.kind, "bad", text);
    if (parsed.kind !== "bad") continue;
    assert.equal(parsed.line, line, `${text} -> ${parsed.message}`);
    assert.match(parsed.message, message);
  }
});
