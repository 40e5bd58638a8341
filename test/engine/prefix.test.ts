import assert from "node:assert/strict";
import { test } from "node:test";
import { openSession, type Session } from "../../src/engine/session.ts";
import { runTurn } from "../../src/engine/turn.ts";
import { type Item, type Message, message } from "../../src/wire/item.ts";
import { calls, drain, fakeTool, memoryLog, ports, type Reply, says, setup, thinks } from "../support/engine.ts";

const never = new AbortController().signal;
const IMAGE = `data:image/png;base64,${"iVBORw0KGgo".repeat(40)}`;

interface Flight {
  readonly prompts: readonly string[];
  /** The window each prompt was made in: it changes exactly at a fold. */
  readonly windows: readonly number[];
}

/** A thread of 60 steps over three turns, the last two after a resume, an image in it; `meddle` runs inside every call. */
async function fly(meddle: (session: Session, step: number) => void): Promise<Flight> {
  let step = 0;
  let session: Session;
  const look = fakeTool("look", (input) => {
    meddle(session, ++step);
    return `${input} ${"y".repeat(2400)}`;
  });
  const windows: number[] = [];
  const tools = [look, fakeTool("other", () => "never called")];
  const log = memoryLog();
  const prompts: string[] = [];
  for (let turn = 0; turn < 3; turn++) {
    const replies: Reply[] = [];
    for (let n = 0; n < 20; n++) replies.push([thinks(`t${turn}.${n}`), calls("look", { n }, `c${turn}.${n}`)]);
    const port = ports([...replies, [says(`Turn ${turn} done.`)]], { tools, log });
    const model = {
      ...port.model,
      stream: (...args: Parameters<typeof port.model.stream>) => {
        windows.push(session.thread.window);
        return port.model.stream(...args);
      },
    };
    // A new process each turn: the log is all that goes from one to the next.
    session = await openSession({ ...port, model }, setup({ cwd: `/project/${turn}` }, 16_000));
    const words: Message = {
      ...message("user", `Task ${turn}.`),
      content: [
        { type: "input_text", text: `Task ${turn}.` },
        { type: "input_image", image_url: IMAGE },
      ],
    };
    await drain(runTurn(session, [words], never));
    prompts.push(...port.model.seen.map(({ prompt }) => prompt));
  }
  return { prompts, windows };
}

/** Every prompt begins with the whole prompt before it, unless a fold stands between the two. */
function assertPrefixes({ prompts, windows }: Flight): void {
  for (const [index, prompt] of prompts.slice(1).entries()) {
    if (windows[index] !== windows[index + 1]) continue;
    assert.ok(prompt.startsWith(prompts[index] as string), `prompt ${index + 1} does not begin with the one before`);
  }
}

test("over 63 requests every prompt begins with the one before, but for the folds", async () => {
  const flight = await fly(() => {});
  assert.equal(flight.prompts.length, 63);
  assert.ok((flight.windows.at(-1) ?? 0) >= 4);
  assertPrefixes(flight);
});

test("a clock in the instructions turns the prefix test red", async () => {
  const flight = await fly((session, step) => {
    const { epoch } = session.thread;
    if (epoch) session.thread.epoch = { ...epoch, base: `Base at ${step}.` };
  });
  assert.throws(() => assertPrefixes(flight), /does not begin with the one before/);
});

test("a tool list in another order turns the prefix test red", async () => {
  const flight = await fly((session) => {
    const { epoch } = session.thread;
    if (epoch) session.thread.epoch = { ...epoch, tools: epoch.tools.toReversed() };
  });
  assert.throws(() => assertPrefixes(flight), /does not begin with the one before/);
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
  assert.throws(() => assertPrefixes(flight), /does not begin with the one before/);
});
