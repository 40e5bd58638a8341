/**
 * Request: what is asked of a model, with its prompt already serialised.
 *
 * Owns        the order of the body's keys and the joining of serialised parts.
 * Invariants  1. Items go in as the bytes they were first printed to; nothing is printed twice.
 *             2. Equal requests give equal bytes.
 */
export interface Settings {
  readonly model: string;
  readonly cacheKey: string;
  readonly parallelToolCalls: boolean;
  readonly reasoning: { readonly effort?: string; readonly summary?: string } | null;
  readonly maxOutputTokens?: number;
  readonly schema?: { readonly name: string; readonly schema: unknown } | null;
}

export interface Request {
  /** Base instructions for the `instructions` field; empty when they stand in the input. */
  readonly instructions: string;
  /** The tools as JSON text of an array. */
  readonly tools: string;
  /** One serialised item each, UTF-8, without separators, in the order of the prompt. */
  readonly input: readonly Uint8Array[];
  readonly settings: Settings;
}

/** A function tool or a custom tool, as it stands in `tools`. */
export type ToolSpec =
  | {
      readonly type: "function";
      readonly name: string;
      readonly description: string;
      readonly parameters: unknown;
      readonly strict: boolean;
    }
  | {
      readonly type: "custom";
      readonly name: string;
      readonly description: string;
      readonly format: { readonly type: "grammar"; readonly syntax: "lark"; readonly definition: string };
    };

/** JSON text with the keys of every object in order, so that a shuffled schema prints the same bytes. */
export const printSorted = (value: unknown): string => JSON.stringify(sorted(value));

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}

const utf8 = new TextEncoder();
const COMMA = utf8.encode(",");

/**
 * The body of POST /responses as a list of byte chunks, ready to be written one after the other.
 * The item chunks are the ones passed in, not copies.
 *
 * @returns chunks and their length together, in bytes.
 * @source  the body Codex 0.169 sends to a custom provider, without its client metadata.
 */
export function printRequest(request: Request): { chunks: Uint8Array[]; sizeBytes: number } {
  const { instructions, tools, input, settings } = request;
  const first = JSON.stringify({
    model: settings.model,
    stream: true,
    ...(instructions === "" ? {} : { instructions }),
  });
  const last = JSON.stringify({
    tool_choice: "auto",
    parallel_tool_calls: settings.parallelToolCalls,
    ...(settings.reasoning === null ? {} : { reasoning: settings.reasoning }),
    ...(settings.maxOutputTokens === undefined ? {} : { max_output_tokens: settings.maxOutputTokens }),
    store: false,
    include: settings.reasoning === null ? [] : ["reasoning.encrypted_content"],
    prompt_cache_key: settings.cacheKey,
    ...(settings.schema ? { text: { format: { type: "json_schema", strict: true, ...settings.schema } } } : {}),
  });
  const chunks: Uint8Array[] = [utf8.encode(`${first.slice(0, -1)},"input":[`)];
  for (const [index, item] of input.entries()) {
    if (index > 0) chunks.push(COMMA);
    chunks.push(item);
  }
  chunks.push(utf8.encode(`],"tools":${tools},${last.slice(1)}`));
  return { chunks, sizeBytes: chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0) };
}
