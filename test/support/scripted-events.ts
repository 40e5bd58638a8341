/** The stream of one scripted answer: the events of the Responses API in their order, from `created` to `completed`. Source: its streaming reference. */

/** The fields of a request body that tests look at; the whole is there. */
export interface RequestBody {
  readonly model: string;
  readonly stream?: boolean;
  readonly instructions?: string;
  readonly input: readonly Record<string, unknown>[];
  readonly tools?: readonly Record<string, unknown>[];
  readonly [field: string]: unknown;
}

export type Part =
  | { readonly kind: "text"; readonly text: string; readonly deltas: number }
  | { readonly kind: "reasoning"; readonly text: string; readonly sealed: string | null }
  | { readonly kind: "call"; readonly name: string; readonly args: string; readonly id: string | null }
  | { readonly kind: "custom"; readonly name: string; readonly input: string; readonly id: string | null };

export interface Answer {
  readonly kind: "answer";
  readonly parts: readonly Part[];
}

/** What an answer is made for. */
export interface Context {
  readonly n: number;
  readonly body: RequestBody;
  readonly tokens: number;
  readonly cached: number;
}

/** The whole stream of an answer, as the API sends it. */
export function eventsOf(answer: Answer, context: Context): Record<string, unknown>[] {
  const list: Record<string, unknown>[] = [];
  const tell = (type: string, fields: object) => list.push({ type, sequence_number: list.length, ...fields });
  const base = {
    id: `resp_${context.n}`,
    object: "response",
    created_at: 1_790_000_000,
    status: "in_progress",
    model: context.body.model,
    output: [] as unknown[],
    parallel_tool_calls: true,
    tool_choice: "auto",
    tools: context.body.tools ?? [],
    error: null,
    incomplete_details: null,
    usage: null as unknown,
  };
  tell("response.created", { response: base });
  tell("response.in_progress", { response: base });
  const output = answer.parts.map((one, index) => tellPart(one, { index, id: `${context.n}_${index}` }, tell));
  const outputTokens = Math.ceil(Buffer.byteLength(JSON.stringify(output)) / 4);
  const usage = {
    input_tokens: context.tokens,
    input_tokens_details: { cached_tokens: context.cached },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: context.tokens + outputTokens,
  };
  tell("response.completed", { response: { ...base, status: "completed", output, usage } });
  return list;
}

type Tell = (type: string, fields: object) => void;

function tellPart(one: Part, at: { index: number; id: string }, tell: Tell): unknown {
  switch (one.kind) {
    case "text":
      return tellText(one, at, tell);
    case "reasoning":
      return tellReasoning(one, at, tell);
    case "call": {
      const item = { id: `fc_${at.id}`, type: "function_call", call_id: one.id ?? `call_${at.id}`, name: one.name };
      const fields = {
        empty: { arguments: "" },
        full: { arguments: one.args },
        stem: "response.function_call_arguments",
      };
      return tellCall(item, fields, at.index, tell);
    }
    case "custom": {
      const item = { id: `ctc_${at.id}`, type: "custom_tool_call", call_id: one.id ?? `call_${at.id}`, name: one.name };
      const fields = { empty: { input: "" }, full: { input: one.input }, stem: "response.custom_tool_call_input" };
      return tellCall(item, fields, at.index, tell);
    }
    default:
      return one satisfies never;
  }
}

function tellText(one: Part & { kind: "text" }, at: { index: number; id: string }, tell: Tell): unknown {
  const item = {
    id: `msg_${at.id}`,
    type: "message",
    status: "in_progress",
    role: "assistant",
    content: [] as unknown[],
  };
  const where = { item_id: item.id, output_index: at.index, content_index: 0 };
  const part = { type: "output_text", text: one.text, annotations: [] };
  tell("response.output_item.added", { output_index: at.index, item });
  tell("response.content_part.added", { ...where, part: { ...part, text: "" } });
  for (const delta of pieces(one.text, one.deltas))
    tell("response.output_text.delta", { ...where, delta, logprobs: [] });
  tell("response.output_text.done", { ...where, text: one.text, logprobs: [] });
  tell("response.content_part.done", { ...where, part });
  const done = { ...item, status: "completed", content: [part] };
  tell("response.output_item.done", { output_index: at.index, item: done });
  return done;
}

function tellReasoning(one: Part & { kind: "reasoning" }, at: { index: number; id: string }, tell: Tell): unknown {
  const item = { id: `rs_${at.id}`, type: "reasoning", summary: [] as unknown[] };
  const where = { item_id: item.id, output_index: at.index, summary_index: 0 };
  const part = { type: "summary_text", text: one.text };
  tell("response.output_item.added", { output_index: at.index, item });
  tell("response.reasoning_summary_part.added", { ...where, part: { ...part, text: "" } });
  for (const delta of pieces(one.text, 2)) tell("response.reasoning_summary_text.delta", { ...where, delta });
  tell("response.reasoning_summary_text.done", { ...where, text: one.text });
  tell("response.reasoning_summary_part.done", { ...where, part });
  const done = { ...item, summary: [part], ...(one.sealed === null ? {} : { encrypted_content: one.sealed }) };
  tell("response.output_item.done", { output_index: at.index, item: done });
  return done;
}

interface CallFields {
  readonly empty: object;
  readonly full: Readonly<Record<string, string>>;
  readonly stem: string;
}

function tellCall(item: { id: string }, fields: CallFields, index: number, tell: Tell): unknown {
  const where = { item_id: item.id, output_index: index };
  tell("response.output_item.added", {
    output_index: index,
    item: { ...item, status: "in_progress", ...fields.empty },
  });
  for (const delta of pieces(Object.values(fields.full)[0] ?? "", 2)) tell(`${fields.stem}.delta`, { ...where, delta });
  tell(`${fields.stem}.done`, { ...where, ...fields.full });
  const done = { ...item, status: "completed", ...fields.full };
  tell("response.output_item.done", { output_index: index, item: done });
  return done;
}

/** At most `count` pieces of nearly equal length; whole characters. */
function pieces(text: string, count: number): string[] {
  const characters = [...text];
  const size = Math.max(1, Math.ceil(characters.length / count));
  return Array.from({ length: Math.ceil(characters.length / size) }, (_, index) =>
    characters.slice(index * size, (index + 1) * size).join(""),
  );
}
