/**
 * Item: one Responses API item, kept word for word.
 *
 * Owns        the shapes we read. A field or type we do not know rides along untouched,
 *             because an item is the parsed object itself and is printed with `printItem`.
 * Is not      a validator of what a provider may send; `parseItem` asks only for what we rely on.
 * Invariants  1. printItem(parseItem(x)) keeps every field of x, in the order it came.
 * Source      OpenAI Responses API; Open Responses 2026-04-24.
 */
export type Role = "user" | "assistant" | "system" | "developer";

export type Part =
  | { readonly type: "input_text"; readonly text: string }
  | { readonly type: "output_text"; readonly text: string; readonly annotations?: readonly unknown[] }
  | { readonly type: "refusal"; readonly refusal: string }
  | { readonly type: "input_image"; readonly image_url?: string; readonly file_id?: string; readonly detail?: string }
  | { readonly type: "input_file"; readonly filename?: string; readonly file_data?: string }
  | { readonly type: Unknown };

export interface Message {
  readonly type: "message";
  readonly id?: string;
  readonly status?: "in_progress" | "completed" | "incomplete";
  readonly role: Role;
  readonly content: string | readonly Part[];
}

export interface Reasoning {
  readonly type: "reasoning";
  readonly id?: string;
  readonly summary?: readonly { readonly type: "summary_text"; readonly text: string }[];
  readonly content?: readonly { readonly type: "reasoning_text"; readonly text: string }[];
  readonly encrypted_content?: string | null;
}

export interface FunctionCall {
  readonly type: "function_call";
  readonly id?: string;
  readonly call_id: string;
  readonly name: string;
  /** JSON text, as the model wrote it: perhaps not valid JSON. */
  readonly arguments: string;
  readonly status?: string;
}

export interface CustomToolCall {
  readonly type: "custom_tool_call";
  readonly id?: string;
  readonly call_id: string;
  readonly name: string;
  readonly input: string;
  readonly status?: string;
}

export interface FunctionCallOutput {
  readonly type: "function_call_output";
  readonly id?: string;
  readonly call_id: string;
  readonly output: string | readonly Part[];
}

export interface CustomToolCallOutput {
  readonly type: "custom_tool_call_output";
  readonly id?: string;
  readonly call_id: string;
  readonly output: string | readonly Part[];
}

export interface Compaction {
  readonly type: "compaction";
  readonly id?: string;
  readonly encrypted_content: string;
}

/** Stands for every `type` this program has no shape for; the value itself holds the real name. */
export type Unknown = "<unknown>";

export interface OtherItem {
  readonly type: Unknown;
}

export type Call = FunctionCall | CustomToolCall;
export type Output = FunctionCallOutput | CustomToolCallOutput;
export type Item = Message | Reasoning | Call | Output | Compaction | OtherItem;

/**
 * Read one item from a parsed JSON value. Keeps the value itself; adds `type: "message"` where a client left it out.
 *
 * @throws {TypeError} when the value is no object, has no type, or lacks a field the type cannot do without.
 */
export function parseItem(value: unknown): Item {
  if (!isRecord(value)) throw new TypeError(`Cannot parse item: expected an object, got ${describe(value)}`);
  if (value.type === undefined && typeof value.role === "string") return parseItem({ type: "message", ...value });
  if (typeof value.type !== "string") throw new TypeError("Cannot parse item: it has no type");
  for (const field of REQUIRED[value.type] ?? []) {
    if (value[field] === undefined) throw new TypeError(`Cannot parse ${value.type} item: "${field}" is missing`);
  }
  return value as unknown as Item;
}

/** One item as JSON text: the bytes that stand in a request. */
export const printItem = (item: Item): string => JSON.stringify(item);

const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  message: ["role", "content"],
  function_call: ["call_id", "name", "arguments"],
  custom_tool_call: ["call_id", "name", "input"],
  function_call_output: ["call_id", "output"],
  custom_tool_call_output: ["call_id", "output"],
  compaction: ["encrypted_content"],
};

export const isCall = (item: Item): item is Call => item.type === "function_call" || item.type === "custom_tool_call";
export const isOutput = (item: Item): item is Output =>
  item.type === "function_call_output" || item.type === "custom_tool_call_output";
export const isMessage = (item: Item, role: Role): item is Message => item.type === "message" && item.role === role;

/** The raw input of a call: JSON text for a function, free text for a custom tool. */
export const callInput = (call: Call): string => (call.type === "function_call" ? call.arguments : call.input);

/** The one output that answers `call`, of the matching type. */
export const answer = (call: Call, output: string | readonly Part[]): Output =>
  call.type === "function_call"
    ? { type: "function_call_output", call_id: call.call_id, output }
    : { type: "custom_tool_call_output", call_id: call.call_id, output };

/** A message with one text part. */
export function message(role: Role, text: string): Message {
  const part: Part = role === "assistant" ? { type: "output_text", text } : { type: "input_text", text };
  return { type: "message", role, content: [part] };
}

/** All text of a content value, parts joined by line breaks; images and files show as nothing. */
export function contentText(content: string | readonly Part[]): string {
  if (typeof content === "string") return content;
  return content.map((part) => ("text" in part ? part.text : "refusal" in part ? part.refusal : "")).join("\n");
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const describe = (value: unknown): string => (value === null ? "null" : Array.isArray(value) ? "a list" : typeof value);
