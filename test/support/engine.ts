/** What an engine test needs in memory: a log, a scripted model, tools that only answer, and a setup. */
import { createHash } from "node:crypto";
import { type BudgetOptions, budgetFor } from "../../src/compact/budget.ts";
import type { Event, TurnResult } from "../../src/engine/event.ts";
import type { Log, ModelEvent, Ports, Tool } from "../../src/engine/ports.ts";
import type { Setup } from "../../src/engine/session.ts";
import type { Entry } from "../../src/thread/entry.ts";
import type { Target } from "../../src/thread/view.ts";
import { type Item, message, parseItem } from "../../src/wire/item.ts";
import type { Request } from "../../src/wire/request.ts";

export const target: Target = { provider: "scripted", family: "test", limit: 64_000, images: true, seals: false };

/** A log in memory, with the entries it holds to be looked at. */
export function memoryLog(
  entries: Entry[] = [],
): Log & { entries: Entry[]; appends: { size: number; durable: boolean }[] } {
  const appends: { size: number; durable: boolean }[] = [];
  return {
    entries,
    appends,
    append(more, durable) {
      for (const entry of more) entries.push(JSON.parse(JSON.stringify(entry)));
      appends.push({ size: more.length, durable });
    },
    async *read(from) {
      for (const entry of entries) if (entry.seq >= from) yield entry;
    },
  };
}

export type Reply = readonly (Item | ModelEvent)[] | ((request: Seen) => readonly (Item | ModelEvent)[]);

/** One request as the model saw it. */
export interface Seen {
  readonly request: Request;
  readonly input: readonly Item[];
  /** Prompt bytes in prompt order: tools, instructions, items. */
  readonly prompt: string;
}

const utf8 = new TextDecoder();

export const seen = (request: Request): Seen => {
  const texts = request.input.map((bytes) => utf8.decode(bytes));
  return {
    request,
    input: texts.map((text) => parseItem(JSON.parse(text))),
    prompt: [request.tools, request.instructions, ...texts].join("\n"),
  };
};

/** A model that plays replies in order; the last one is played for ever. */
export function scriptedPort(replies: readonly Reply[]): Ports["model"] & { seen: Seen[] } {
  const requests: Seen[] = [];
  return {
    seen: requests,
    async *stream(request, signal) {
      const one = seen(request);
      requests.push(one);
      const reply = replies[Math.min(requests.length, replies.length) - 1] ?? [];
      const events = typeof reply === "function" ? reply(one) : reply;
      for (const event of events) {
        if (signal.aborted) break;
        yield "kind" in event ? event : { kind: "item", item: event };
        if ("kind" in event && (event.kind === "failed" || event.kind === "completed")) return;
      }
      if (signal.aborted) return yield { kind: "failed", error: { kind: "aborted", message: "aborted" } };
      const inputTokens = Math.ceil(one.prompt.length / 4);
      yield {
        kind: "completed",
        usage: { inputTokens, cachedTokens: 0, cacheWriteTokens: 0, outputTokens: 10, reasoningTokens: 0 },
      };
    },
  };
}

export const says = (text: string): Item => ({ ...message("assistant", text), id: "msg_1", status: "completed" });
export const calls = (name: string, args: unknown, id: string): Item => ({
  type: "function_call",
  id: `fc_${id}`,
  call_id: id,
  name,
  arguments: JSON.stringify(args),
  status: "completed",
});
export const thinks = (text: string): Item => ({ type: "reasoning", id: "rs_1", summary: [], encrypted_content: text });

/** A tool that answers with what `run` returns. */
export function fakeTool(
  name: string,
  run: (input: string, signal: AbortSignal) => string | Promise<string>,
  parallel = true,
): Tool {
  return {
    spec: { type: "function", name, description: `test tool ${name}`, parameters: { type: "object" }, strict: false },
    parallel,
    describe: (input) => `${name} ${input}`,
    run: async (input, _context, signal) => ({ output: await run(input, signal), result: { ok: true, exit: 0 } }),
  };
}

export function ports(replies: readonly Reply[], more: Partial<Ports> = {}) {
  let now = Date.UTC(2026, 0, 1);
  const log = memoryLog();
  const model = scriptedPort(replies);
  const base: Ports = {
    log,
    model,
    clock: { now: () => now++ },
    inbox: { take: () => [] },
    tools: [fakeTool("look", (input) => `seen ${input}`)],
    hash: (text) => createHash("sha256").update(text).digest("hex"),
    mask: (text) => text,
  };
  return { ...base, ...more, log: (more.log as typeof log) ?? log, model: (more.model as typeof model) ?? model };
}

export function setup(more: Partial<Setup> = {}, limit = 64_000, options: BudgetOptions = {}): Setup {
  const result = budgetFor(limit, options);
  if (result.kind !== "ok") throw new Error(result.message);
  return {
    thread: "01900000-0000-7000-8000-000000000000",
    target: { ...target, limit },
    budget: result.budget,
    settings: { model: "test-model", cacheKey: "key", parallelToolCalls: true, reasoning: null },
    base: "Base.",
    place: "instructions",
    fragments: [
      { name: "permissions", role: "developer", text: "permissions: all" },
      { name: "environment", role: "user", text: "<environment_context>here</environment_context>" },
    ],
    cwd: "/project",
    policy: "danger-full-access/never",
    hasRecall: false,
    maxRequests: 0,
    maxTokens: 0,
    ...more,
  };
}

/** Run to the end and keep everything that was told. */
export async function drain(turn: AsyncGenerator<Event, TurnResult>): Promise<{ events: Event[]; result: TurnResult }> {
  const events: Event[] = [];
  for (;;) {
    const next = await turn.next();
    if (next.done) return { events, result: next.value };
    events.push(next.value);
  }
}
