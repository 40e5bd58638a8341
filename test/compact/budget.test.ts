import assert from "node:assert/strict";
import { test } from "node:test";
import { budgetFor } from "../../src/compact/budget.ts";
import { tokensOf } from "../../src/kit/tokens.ts";
import { BASE_INSTRUCTIONS } from "../../src/prompt/base.ts";

test("a limit below 6,000 is refused with the reason, as is a value that cannot fit", () => {
  const small = budgetFor(5999);
  assert.match(small.kind === "refused" ? small.message : "", /5999.*at least 6000/);
  const wide = budgetFor(100_000, { autoCompactLimit: 95_000 });
  assert.match(
    wide.kind === "refused" ? wide.message : "",
    /model_auto_compact_token_limit is 95000, but.*only 88000 are usable/,
  );
});

test("the lines and shares are those of the design, for large and small limits", () => {
  const at = (limit: number, options = {}) => {
    const result = budgetFor(limit, options);
    assert.equal(result.kind, "ok");
    if (result.kind !== "ok") throw new Error();
    return result.budget;
  };
  const large = at(200_000);
  assert.deepEqual(
    {
      usable: large.usable,
      soft: large.soft,
      hard: large.hard,
      summary: large.summary,
      record: large.record,
      ledger: large.ledger,
      output: large.output,
    },
    { usable: 184_000, soft: 128_800, hard: 165_600, summary: 2000, record: 3000, ledger: 4000, output: 14_720 },
  );
  const small = at(8000);
  assert.deepEqual(
    { summary: small.summary, ledger: small.ledger, pins: small.pins, current: small.current, steps: small.tail.steps },
    { summary: 300, ledger: 250, pins: 150, current: 250, steps: 1 },
  );
  assert.equal(at(200_000, { autoCompactLimit: 0 }).hard, 0);
  assert.equal(at(200_000, { autoCompactLimit: 50_000 }).hard, 50_000);
  assert.equal(at(200_000, { toolOutputLimit: 1000 }).output, 1000);
  for (let limit = 6000; limit < 400_000; limit += 997) {
    const budget = at(limit);
    assert.ok(budget.record + budget.ledger + budget.checkpoints + budget.tail.wholeSteps < budget.hard, `${limit}`);
  }
});

test("the base instructions fit a small model", () => {
  assert.ok(tokensOf(BASE_INSTRUCTIONS) <= 900, `${tokensOf(BASE_INSTRUCTIONS)}`);
});
