/**
 * Models: what we know of a model from its name alone.
 *
 * Owns        the table of families, limits and manners.
 * Is not      the truth about a deployment: `model_context_window` of the config and a limit that a provider
 *             named in an error go over it.
 * Source      model pages of OpenAI, Anthropic, Google, Alibaba, Meta, DeepSeek; gpt-5 and gpt-6 take 272,000 tokens
 *             of input beside their output, so they need no `maxOutput` (November 2026).
 */
export interface ModelInfo {
  /** Who may read its reasoning items. */
  readonly family: string;
  /** Context size in tokens. */
  readonly limit: number;
  /** Tokens to keep free for an answer, where the usual reserve is wrong for it. */
  readonly maxOutput?: number;
  /** Where the base instructions stand. */
  readonly place: "instructions" | "developer";
  /** The form in which it is offered the patch tool. */
  readonly patch: "custom" | "function";
  readonly parallelToolCalls: boolean;
  readonly images: boolean;
  readonly reasoning: { readonly effort?: string; readonly summary?: string } | null;
}

const GPT: ModelInfo = {
  family: "openai-gpt",
  limit: 272_000,
  place: "developer",
  patch: "custom",
  parallelToolCalls: true,
  images: true,
  reasoning: { effort: "medium" }, // no summary: OpenAI refuses it to organisations that are not verified
};

const OTHER: ModelInfo = {
  family: "unknown",
  limit: 128_000,
  place: "instructions",
  patch: "function",
  parallelToolCalls: true,
  images: false,
  reasoning: null,
};

/** First match wins. */
const TABLE: readonly (readonly [pattern: RegExp, about: ModelInfo])[] = [
  [/^gpt-oss/, { ...OTHER, family: "gpt-oss", limit: 131_072, reasoning: { effort: "medium" } }],
  [/^gpt-(5|6)/, GPT],
  [/^codex-/, GPT],
  [/^o[1-9](-|$)/, { ...GPT, limit: 200_000, patch: "function" }],
  [/^gpt-4\.1/, { ...GPT, limit: 1_047_576, patch: "function", reasoning: null }],
  [/^(gpt-4o|chatgpt-4o)/, { ...GPT, limit: 128_000, patch: "function", reasoning: null }],
  [/^claude/, { ...OTHER, family: "anthropic-claude", limit: 200_000, images: true }],
  [/^gemini/, { ...OTHER, family: "google-gemini", limit: 1_048_576, images: true }],
  [/^qwen/, { ...OTHER, family: "qwen", limit: 131_072 }],
  [/^(meta-)?llama-?4/, { ...OTHER, family: "llama", limit: 131_072, images: true }],
  [/^(meta-)?llama/, { ...OTHER, family: "llama", limit: 131_072 }],
  [/^deepseek/, { ...OTHER, family: "deepseek", limit: 131_072 }],
  [/^rehearsal/, { ...OTHER, family: "rehearsal" }],
];

/** What is known of a model. A vendor before a slash (`openai/gpt-5.5`) marks a router: those take function tools only. */
export function modelInfo(model: string): ModelInfo {
  const slash = model.lastIndexOf("/");
  const name = model.slice(slash + 1).toLowerCase();
  // Of a model nobody knows, nobody knows the family either: it is one of its own.
  const about = TABLE.find(([pattern]) => pattern.test(name))?.[1] ?? { ...OTHER, family: name || "unknown" };
  return slash === -1 ? about : { ...about, patch: "function" };
}
