/**
 * Response: a planner's reply as a Responses object, and as the events of its stream in their real order.
 *
 * Source      OpenAI Responses API reference, streaming events.
 */
import type { Reply, ToolUse } from "./reply.ts";

export interface ResponseUsage {
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
}

/** A JSON object of the wire. */
export type Wire = Readonly<Record<string, unknown>>;

/** What all events of one response have in common. */
export interface Frame {
  readonly id: string;
  readonly model: string;
  readonly createdAt: number;
}

const DELTAS = 6;

/** The whole response of a request that was answered. */
export function responseOf(frame: Frame, reply: Reply, usage: ResponseUsage): Wire {
  return shell(frame, "completed", itemsOf(frame.id, reply), usage);
}

/** The response of a request that was refused. */
export const failedResponse = (frame: Frame, code: string, message: string): Wire => ({
  ...shell(frame, "failed", [], null),
  error: { code, message },
});

/** The events of a reply, first to last, without their sequence numbers. */
export function* eventsOf(frame: Frame, reply: Reply, usage: ResponseUsage): Generator<Wire> {
  yield { type: "response.created", response: shell(frame, "in_progress", [], null) };
  yield { type: "response.in_progress", response: shell(frame, "in_progress", [], null) };
  for (const [index, item] of itemsOf(frame.id, reply).entries()) yield* itemEvents(index, item);
  yield { type: "response.completed", response: responseOf(frame, reply, usage) };
}

/** The events of a refusal. */
export function* failedEvents(frame: Frame, code: string, message: string): Generator<Wire> {
  yield { type: "response.created", response: shell(frame, "in_progress", [], null) };
  yield { type: "response.failed", response: failedResponse(frame, code, message) };
}

function* itemEvents(index: number, item: Wire): Generator<Wire> {
  const place = { item_id: item.id, output_index: index };
  const added = { type: "response.output_item.added", output_index: index };
  if (item.type === "message") {
    const [part] = item.content as readonly [{ readonly text: string }];
    const inside = { ...place, content_index: 0 };
    yield { ...added, item: { ...item, status: "in_progress", content: [] } };
    yield { type: "response.content_part.added", ...inside, part: { ...part, text: "" } };
    for (const delta of pieces(part.text)) yield { type: "response.output_text.delta", ...inside, delta };
    yield { type: "response.output_text.done", ...inside, text: part.text };
    yield { type: "response.content_part.done", ...inside, part };
  } else {
    const isCustom = item.type === "custom_tool_call";
    const field = isCustom ? "input" : "arguments";
    const kind = isCustom ? "response.custom_tool_call_input" : "response.function_call_arguments";
    const text = String(item[field]);
    yield { ...added, item: { ...item, status: "in_progress", [field]: "" } };
    for (const delta of pieces(text)) yield { type: `${kind}.delta`, ...place, delta };
    yield { type: `${kind}.done`, ...place, [field]: text };
  }
  yield { type: "response.output_item.done", output_index: index, item };
}

/** A text in a few pieces, never cut inside a character. */
function pieces(text: string): string[] {
  const size = Math.max(24, Math.ceil(text.length / DELTAS));
  return text.match(new RegExp(`[^]{1,${size}}`, "gu")) ?? [];
}

function itemsOf(id: string, { text, calls }: Reply): Wire[] {
  const suffix = id.slice("resp_".length);
  const content = [{ type: "output_text", text, annotations: [], logprobs: [] }];
  const message = { id: `msg_${suffix}`, type: "message", status: "completed", role: "assistant", content };
  return [...(text === "" ? [] : [message]), ...calls.map((call, index) => callItem(call, `${suffix}_${index}`))];
}

const callItem = ({ kind, name, input }: ToolUse, suffix: string): Wire =>
  kind === "custom"
    ? { id: `ctc_${suffix}`, type: "custom_tool_call", status: "completed", call_id: `call_${suffix}`, name, input }
    : {
        id: `fc_${suffix}`,
        type: "function_call",
        status: "completed",
        call_id: `call_${suffix}`,
        name,
        arguments: input,
      };

const shell = (
  { id, model, createdAt }: Frame,
  status: string,
  output: readonly Wire[],
  usage: ResponseUsage | null,
): Wire => ({
  id,
  object: "response",
  created_at: createdAt,
  status,
  error: null,
  incomplete_details: null,
  model,
  output,
  parallel_tool_calls: true,
  store: false,
  usage: usage && {
    input_tokens: usage.inputTokens,
    input_tokens_details: { cached_tokens: usage.cachedTokens },
    output_tokens: usage.outputTokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: usage.inputTokens + usage.outputTokens,
  },
});
