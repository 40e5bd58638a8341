/** The order in which files are converted. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Shape } from "../../src/rehearsal/facts.ts";
import { unitsOf } from "../../src/rehearsal/order.ts";
import type { SurveyFile } from "../../src/rehearsal/survey.ts";

const file = (path: string, shape: Shape, ...deps: string[]): SurveyFile => ({
  path,
  kind: "cjs",
  shape,
  deps: deps.map((one) => ({ specifier: null, path: one })),
  isEntry: false,
  needs: [],
});

test("what exports names goes before what requires it, one value after", () => {
  const files = [file("main.js", "none", "names.js", "one.js"), file("names.js", "named"), file("one.js", "default")];
  assert.deepEqual(unitsOf(files), [["names.js"], ["main.js"], ["one.js"]]);
});

test("files that require each other go together", () => {
  const files = [
    file("a.js", "named", "b.js"),
    file("b.js", "default", "c.js"),
    file("c.js", "named", "a.js"),
    file("d.js", "none", "a.js"),
  ];
  assert.deepEqual(unitsOf(files), [["a.js", "b.js", "c.js"], ["d.js"]]);
});

test("a file that requires itself or something unknown stands alone", () => {
  assert.deepEqual(unitsOf([file("a.js", "named", "a.js", "gone.js")]), [["a.js"]]);
});
