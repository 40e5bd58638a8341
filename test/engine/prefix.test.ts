import assert from "node:assert/strict";
import { test } from "node:test";
import { openSession, type Session } from "../../src/engine/session.ts";
import { runTurn } from "../../src/engine/turn.ts";
import type { Item } from "../../src/wire/item.ts";
import { calls, drain, fakeTool, ports, type Reply, says, setup, thinks } from "../support/engine.ts";

const never = new AbortController().signal;
const IMAGE = `data:image/png;base64,${"iVBORw0KGgo".repeat(40)}`;

/** A thread of 60 steps over three turns, an image and three folds in it; `meddle` runs inside every call. */
async function fly(meddle: (session: Session, step: number) => void): Promise<{ prompts: string[]; folds: number }> {
  let step = 0;
  let session: Session;
  const look = fakeTool("look", (input) => {
    meddle(session, ++step);
    return `${input} ${"y".repeat(2400)}`;
  });
  const other = fakeTool("other", () => "never called");
  const replies: Reply[] = [];
  for (let turn = 0; turn < 3; turn++) {
    for (let n = 0; n < 20; n++) replies.push([thinks(`t${turn}.${n}`), calls("look", { n }, `c${turn}.${n}`)]);
    replies.push([says(`Turn ${turn} done.`)]);
  }
  const port = ports(replies, { tools: [look, other] });
  session = await openSession(port, setup({}, 16_000));
  const image: Item = { type: "message", role: "user", content: [{ type: "input_image", image_url: IMAGE }] };
  session.thread.tail.push({ entry: { seq: 3, ts: "", kind: "item", item: image }, item: image, family: "" });
  for (let turn = 0; turn < 3; turn++) await drain(runTurn(session, `Task ${turn}.`, never));
  return { prompts: port.model.seen.map(({ prompt }) => prompt), folds: session.thread.window - 1 };
}

/** Every prompt but the first after a fold begins with the whole prompt before it. */
function assertPrefixes({ prompts, folds }: { prompts: string[]; folds: number }): void {
  const breaks = prompts.slice(1).filter((prompt, index) => !prompt.startsWith(prompts[index] as string)).length;
  assert.ok(breaks <= folds, `${breaks} prompts do not begin with the one before, at ${folds} folds`);
}

test("over 63 requests every prompt begins with the one before, but for the folds", async () => {
  const flight = await fly(() => {});
  assert.equal(flight.prompts.length, 63);
  assert.ok(flight.folds >= 3);
  assertPrefixes(flight);
});

test("a clock in the instructions turns the prefix test red", async () => {
  const flight = await fly((session, step) => {
    const { epoch } = session.thread;
    if (epoch) session.thread.epoch = { ...epoch, base: `Base at ${step}.` };
  });
  assert.throws(() => assertPrefixes(flight), /do not begin with the one before/);
});

test("a tool list in another order turns the prefix test red", async () => {
  const flight = await fly((session) => {
    const { epoch } = session.thread;
    if (epoch) session.thread.epoch = { ...epoch, tools: epoch.tools.toReversed() };
  });
  assert.throws(() => assertPrefixes(flight), /do not begin with the one before/);
});

test("an image that is encoded anew turns the prefix test red", async () => {
  const flight = await fly((session, step) => {
    session.thread.tail = session.thread.tail.map((one) => {
      const text = JSON.stringify(one.item);
      return text?.includes("data:image")
        ? { ...one, item: JSON.parse(text.replace("iVBOR", `iV${step}OR`)) as Item }
        : one;
    });
  });
  assert.throws(() => assertPrefixes(flight), /do not begin with the one before/);
});
