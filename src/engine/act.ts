/**
 * Act: run the calls of a step and answer each.
 *
 * Owns        which calls run side by side, their caps, and the answers where no tool speaks.
 * Invariants  1. Every call gets exactly one output, in the order in which the model asked.
 *             2. An `effect` entry is on the disk before its call begins.
 *             3. No secret is recorded: every text is masked first.
 */
import { cutMiddle } from "../kit/cut.ts";
import { Queue } from "../kit/queue.ts";
import { tokensOf } from "../kit/tokens.ts";
import { NOT_RUN, secretInArguments, unknownTool } from "../prompt/answers.ts";
import type { Draft } from "../thread/entry.ts";
import { answer, type Call, callInput, type Part } from "../wire/item.ts";
import type { Event } from "./event.ts";
import type { Tool, ToolAnswer } from "./ports.ts";
import { record, type Session } from "./session.ts";

/** The calls of a step in groups: those of a group run side by side, the groups one after the other. */
export function groupCalls(calls: readonly Call[], tools: readonly Tool[]): Call[][] {
  const groups: Call[][] = [];
  let wasParallel = false;
  for (const call of calls) {
    const isParallel = toolFor(call, tools)?.parallel ?? true;
    if (isParallel && wasParallel) groups.at(-1)?.push(call);
    else groups.push([call]);
    wasParallel = isParallel;
  }
  return groups;
}

const toolFor = (call: Call, tools: readonly Tool[]): Tool | null =>
  tools.find(
    ({ spec }) => spec.name === call.name && (spec.type === "custom") === (call.type === "custom_tool_call"),
  ) ??
  tools.find(({ spec }) => spec.name === call.name) ??
  null;

/** The entries that say that these calls are about to run. */
export const startsOf = (calls: readonly Call[]): Draft[] =>
  calls.map((call) => ({ kind: "effect", call: call.call_id, state: "started" }));

/**
 * Run one group whose `effect` entries are recorded, and record its outputs.
 *
 * @param count how many calls the whole step has: they share what a step's outputs may take
 */
export async function* act(
  session: Session,
  group: readonly Call[],
  count: number,
  signal: AbortSignal,
): AsyncGenerator<Event, void> {
  const told = new Queue<Event>();
  const answers = Promise.all(group.map((call) => runCall(session, call, { count, told, signal })));
  answers.finally(() => told.end()).catch(() => {});
  yield* told;
  const given = (await answers).map(({ call, given: { output, result } }) => ({
    call,
    output: answer(call, output),
    result,
  }));
  const outputs = given.map(({ output, result }): Draft => ({ kind: "item", item: output, result }));
  yield { kind: "recorded", entries: await record(session, outputs, true) };
  // Not before the log has them: what is told as finished must be so after a crash.
  for (const one of given) yield { kind: "call-finished", ...one };
}

/** Answer calls that will not be run, since the turn is stopped. */
export async function* leave(
  session: Session,
  calls: readonly Call[],
  words: string = NOT_RUN,
): AsyncGenerator<Event, void> {
  const outputs = calls.map((call): Draft => ({ kind: "item", item: answer(call, words), result: { ok: false } }));
  yield { kind: "recorded", entries: await record(session, outputs, true) };
}

interface CallContext {
  readonly count: number;
  readonly told: Queue<Event>;
  readonly signal: AbortSignal;
}

async function runCall(
  session: Session,
  call: Call,
  { count, told, signal }: CallContext,
): Promise<{ call: Call; given: ToolAnswer }> {
  const { ports, budget } = session;
  const tool = toolFor(call, ports.tools);
  told.push({ kind: "call-started", call, title: tool ? tool.describe(callInput(call)) : call.name });
  const outputTokens = Math.max(200, Math.min(budget.output, Math.floor(budget.stepOutput / count)));
  const progress = (text: string) => told.push({ kind: "call-progress", call, text: ports.mask(text) });
  const context = { cwd: session.setup.cwd, outputTokens, progress };
  const raw =
    refusal(call, tool, ports.tools) ?? (await (tool as Tool).run(callInput(call), context, signal).catch(broken));
  const given = { output: capped(masked(raw.output, ports.mask), outputTokens), result: raw.result };
  return { call, given };
}

function refusal(call: Call, tool: Tool | null, tools: readonly Tool[]): ToolAnswer | null {
  if (!tool)
    return {
      output: unknownTool(
        call.name,
        tools.map(({ spec }) => spec.name),
      ),
      result: { ok: false },
    };
  const secret = /\[secret:([A-Za-z0-9_.-]+)\]/.exec(callInput(call));
  if (secret && !tool.readsPlaceholders)
    return { output: secretInArguments(secret[1] as string), result: { ok: false } };
  return null;
}

/** A tool that throws broke its contract; the model still gets its one answer, and the words say whose fault it is. */
const broken = (cause: unknown): ToolAnswer => ({
  output: `The tool failed inside: ${cause instanceof Error ? cause.message : String(cause)}. This is a fault of the tool, not of the call.`,
  result: { ok: false },
});

function masked(output: string | readonly Part[], mask: (text: string) => string): string | readonly Part[] {
  if (typeof output === "string") return mask(output);
  return output.map((part) => (part.type === "input_text" ? { ...part, text: mask(part.text) } : part));
}

/** Tools cut their own output; this is the net under them. */
function capped(output: string | readonly Part[], tokens: number): string | readonly Part[] {
  if (typeof output !== "string" || tokensOf(output) <= tokens * 1.1 + 100) return output;
  const cut = cutMiddle(output, tokens);
  return cut ? `${cut.head}\n[… ${cut.cutTokens} tokens in ${cut.cutLines} lines left out …]\n${cut.tail}` : output;
}
