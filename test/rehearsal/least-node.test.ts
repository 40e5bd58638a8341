/** Which Nodes a package allows, and which ones the conversion needs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Facts } from "../../src/rehearsal/facts.ts";
import { leastNode, needsOf, rulesOutBelow } from "../../src/rehearsal/least-node.ts";
import { factsFor } from "../../src/rehearsal/resolve.ts";

test("a range rules out what is below its lowest version, and what cannot be read rules out nothing", () => {
  for (const [range, is242, is2011] of [
    [">=24.2", true, true],
    [">= 24.2.0 < 27", true, true],
    ["^24.3 || >=26", true, true],
    ["25.x", true, true],
    [">=24", false, true],
    [">=20.11", false, true],
    ["^18 || >=24.2", false, false],
    ["24.2 - 26", true, true],
    ["16 - 26", false, false],
    ["< 26", false, false],
    ["<= 26", false, false],
    ["*", false, false],
    ["", false, false],
    ["lts", false, false],
  ] as const) {
    assert.deepEqual([rulesOutBelow(range, 24, 2), rulesOutBelow(range, 20, 11)], [is242, is2011], range);
  }
});

test("the newest thing the conversion wrote says the least Node", () => {
  assert.deepEqual(needsOf("if (import.meta.main) x(import.meta.dirname);"), ["main", "file"]);
  assert.deepEqual(needsOf("import d from './d.json' with { type: 'json' };\nexport { d as \"module.exports\" };"), [
    "json",
    "serve",
  ]);
  assert.deepEqual(leastNode(new Set(["main", "file"]), true).version, [24, 2]);
  assert.deepEqual(leastNode(new Set(["file"]), true).version, [22, 12]);
  assert.deepEqual(leastNode(new Set(["file", "json"]), false).version, [20, 11]);
  assert.deepEqual(leastNode(new Set(["json"]), false).version, [20, 10]);
  assert.deepEqual(leastNode(new Set(), false).version, [12, 20]);
});

test("what a file may use is asked of the engines, not of the Node at hand", () => {
  const facts = (engines: string | null, node = "26.1.0"): Partial<Facts> => {
    const head = {
      name: "p",
      type: null,
      test: "x",
      hasHooks: false,
      node,
      engines,
      git: "none",
      error: null,
    } as const;
    const file = { path: "a.js", kind: "cjs", shape: "default", deps: [], isEntry: true, needs: [] } as const;
    return factsFor(file, "", { head, files: new Map(), left: new Set() });
  };
  const [hasImportMetaMain, hasImportMetaFilename, servesRequire] = [true, true, true];
  const common = { modules: {}, self: "default", servesRequire };
  assert.deepEqual(facts(">=24.2"), { ...common, hasImportMetaMain, hasImportMetaFilename });
  assert.deepEqual(facts(">=24.2", "22.12.0"), { ...common, hasImportMetaMain: false, hasImportMetaFilename });
  for (const engines of [null, ">=22"])
    assert.deepEqual(facts(engines), { ...common, hasImportMetaMain: false, hasImportMetaFilename });
  assert.deepEqual(facts(">=18"), { ...common, hasImportMetaMain: false, hasImportMetaFilename: false });
});
