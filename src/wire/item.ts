/**
 * Item: one Responses API item, kept word for word.
 *
 * Owns        the shapes we read. A field or type we do not know rides along untouched,
 *             because an item is the parsed object itself and is printed with `printItem`.
 * Is not      a validator of what a provider may send; `parseItem` asks only for what we rely on. What reads an item
 *             (`contentText`, `callInput`) never throws: a log may hold what an older program let in.
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
 * @throws {TypeError} when the value is no object, has no type, is nested too deep to be printed, or a field that its type cannot do without is missing or of the wrong kind.
 */
export function parseItem(value: unknown): Item {
  if (!isRecord(value)) throw new TypeError(`Cannot parse item: expected an object, got ${describe(value)}`);
  if (value.type === undefined && typeof value.role === "string") return parseItem({ type: "message", ...value });
  if (typeof value.type !== "string") throw new TypeError("Cannot parse item: it has no type");
  const fields = Object.hasOwn(FIELDS, value.type) ? (FIELDS[value.type] as Fields) : {};
  for (const [field, [isRight, wanted]] of Object.entries(fields)) {
    if (isRight(value[field])) continue;
    const fault = value[field] === undefined ? "is missing" : `is no ${wanted}`;
    throw new TypeError(`Cannot parse ${value.type} item: "${field}" ${fault}`);
  }
  if (isDeeper(value, DEEPEST)) throw new TypeError(`Cannot parse item: it is nested more than ${DEEPEST} deep`);
  return value as unknown as Item;
}

/** One item as JSON text: the bytes that stand in a request. */
export const printItem = (item: Item): string => JSON.stringify(item);

type Check = readonly [isRight: (value: unknown) => boolean, wanted: string];
type Fields = Readonly<Record<string, Check>>;

const isText = (value: unknown): value is string => typeof value === "string";
const isParts = (value: unknown): boolean => Array.isArray(value) && value.every(isPart);
const isTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.every((one) => isRecord(one) && isText(one.text));

function isPart(part: unknown): boolean {
  if (!isRecord(part) || !isText(part.type)) return false;
  if (part.type === "refusal") return isText(part.refusal);
  return (part.type !== "input_text" && part.type !== "output_text") || isText(part.text);
}

const TEXT: Check = [isText, "text"];
const NAME: Check = [(value) => isText(value) && value !== "", "name"];
const CONTENT: Check = [(value) => isText(value) || isParts(value), "text or list of parts"];
/** Servers write null where they have none. */
const TEXTS: Check = [(value) => value === undefined || value === null || isTexts(value), "list of texts"];
const SEAL: Check = [(value) => value === undefined || value === null || isText(value), "text"];

const FIELDS: Readonly<Record<string, Fields>> = {
  message: { role: NAME, content: CONTENT },
  reasoning: { summary: TEXTS, content: TEXTS, encrypted_content: SEAL },
  function_call: { call_id: NAME, name: NAME, arguments: TEXT },
  custom_tool_call: { call_id: NAME, name: NAME, input: TEXT },
  function_call_output: { call_id: NAME, output: CONTENT },
  custom_tool_call_output: { call_id: NAME, output: CONTENT },
  compaction: { encrypted_content: TEXT },
};

/** JSON can be read at any depth, but printing it goes down the stack. */
const DEEPEST = 256;

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

export const isCall = (item: Item): item is Call => item.type === "function_call" || item.type === "custom_tool_call";
export const isOutput = (item: Item): item is Output =>
  item.type === "function_call_output" || item.type === "custom_tool_call_output";
export const isMessage = (item: Item, role: Role): item is Message => item.type === "message" && item.role === role;

/** The raw input of a call: JSON text for a function, free text for a custom tool. Empty where a log holds no text. */
export function callInput(call: Call): string {
  const input: unknown = call.type === "function_call" ? call.arguments : call.input;
  return isText(input) ? input : "";
}

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

/** All text of a content value, parts joined by line breaks; images, files and what cannot be read show as nothing. */
export function contentText(content: string | readonly Part[]): string {
  if (!Array.isArray(content)) return isText(content) ? content : "";
  return content.map(partText).join("\n");
}

function partText(part: unknown): string {
  if (!isRecord(part)) return "";
  return isText(part.text) ? part.text : isText(part.refusal) ? part.refusal : "";
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const describe = (value: unknown): string => (value === null ? "null" : Array.isArray(value) ? "a list" : typeof value);
