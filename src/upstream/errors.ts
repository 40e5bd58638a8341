/**
 * Errors: what a provider's refusal means, and what a person can do about it. Pure.
 *
 * Owns        the reading of status, code and words, and every sentence about them.
 * Is not      the decision when to ask again (./retry.ts): it only says whether that may help.
 * Invariants  1. A message is one line, holds the provider's own words (cut at 300 characters) and never a key.
 * Source      error pages and issue threads of OpenAI, Anthropic, Google, OpenRouter, vLLM, llama.cpp, Mistral, xAI.
 */
import type { ModelError } from "../engine/ports.ts";
import { oneLine } from "../kit/cut.ts";
import { parseError } from "../wire/event.ts";
import { isRecord } from "../wire/item.ts";

/** How a request ended that got no answer. */
export type Failure =
  /** The provider said no, in place of a stream or inside it. */
  | {
      readonly kind: "answer";
      readonly status: number | null;
      readonly inStream: boolean;
      readonly code: string;
      readonly message: string;
      /** From the headers. */
      readonly retryAfterMs: number | null;
    }
  | { readonly kind: "unreachable"; readonly code: string; readonly message: string }
  | { readonly kind: "cut"; readonly message: string }
  | { readonly kind: "idle"; readonly ms: number }
  | { readonly kind: "aborted" };

/** Who was asked, for the sentences; `secrets` never appear in them. */
export interface Asked {
  readonly provider: string;
  readonly address: string;
  readonly model: string;
  readonly envKey: string | null;
  readonly secrets: readonly string[];
}

/** Which budget another try is taken from. */
export type Level = "request" | "stream" | "never";

export interface Verdict {
  readonly error: ModelError;
  readonly retry: Level;
}

type Kind = ModelError["kind"];
type Answer = Failure & { readonly kind: "answer" };

/** What the failure means, and whether asking again may help. */
export function classify(failure: Failure, asked: Asked): Verdict {
  switch (failure.kind) {
    case "answer":
      return classifyAnswer(failure, asked);
    case "unreachable": {
      const isCertificate = CERTIFICATE.test(failure.code);
      const isFinal = isCertificate || failure.code.includes("_INVALID_");
      const advice = isCertificate
        ? "its certificate is not trusted here; name the file of your CA in SSL_CERT_FILE or NODE_EXTRA_CA_CERTS"
        : "check base_url, the network and the proxy settings";
      const text = `Cannot reach ${asked.provider} at ${asked.address}: ${advice}`;
      return verdict(
        "network",
        isFinal ? "never" : "request",
        `${text} (${safe(failure.message || failure.code, asked)})`,
      );
    }
    case "cut":
      return verdict(
        "stream-cut",
        "stream",
        `The answer of ${asked.provider} broke off, so ask again (${safe(failure.message, asked)})`,
      );
    case "idle": {
      const text = `${asked.provider} sent nothing for ${Math.round(failure.ms / 100) / 10} s: ask again, or raise stream_idle_timeout_ms`;
      return verdict("idle", "stream", text);
    }
    case "aborted":
      return verdict("aborted", "never", "The request was stopped");
    default:
      return failure satisfies never;
  }
}

/** The key is not there, so nothing was asked. */
export const missingKey = (asked: Asked): ModelError => ({
  kind: "auth",
  message: `${asked.provider} needs a key: set the environment variable ${asked.envKey}`,
});

/** Read the body of a refusal, whatever form it has. */
export function parseRefusal(body: string): { code: string; message: string } {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return {
      code: "",
      message: body
        .slice(0, PAGE_CHARS)
        .replace(/<(style|script)[\s\S]*?<\/\1>|<[^>]*>/gi, " ")
        .trim(),
    };
  }
  if (Array.isArray(value)) value = value[0];
  if (!isRecord(value)) return { code: "", message: body };
  const error = value.error ?? value.detail ?? value;
  const { code, message } = parseError(error);
  const status = isRecord(error) && typeof error.status === "string" ? error.status : "";
  return { code: code || status, message: message || body };
}

/** More of a page than anybody is shown, and little enough for a search that may start over at each "<". */
const PAGE_CHARS = 10_000;

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)/;

const TOO_LONG_CODES = new Set([
  "context_length_exceeded",
  "exceed_context_size_error",
  "model_max_prompt_tokens_exceeded",
]);
const SEAL_CODES = new Set(["invalid_encrypted_content"]);
const QUOTA_CODES = new Set([
  "insufficient_quota",
  "usage_not_included",
  "billing_hard_limit_reached",
  "billing_not_active",
  "billing_error",
]);
const AUTH_CODES = new Set([
  "invalid_api_key",
  "authentication_error",
  "permission_error",
  "unauthenticated",
  "permission_denied",
]);
const RATE_CODES = new Set(["rate_limit_exceeded", "rate_limit_error", "resource_exhausted", "too_many_requests"]);
const OVERLOAD_CODES = new Set([
  "server_is_overloaded",
  "slow_down",
  "overloaded_error",
  "server_error",
  "api_error",
  "internal_server_error",
  "unavailable",
  "timeout",
]);
/** Codes in a stream that come again however often one asks. */
const FINAL_CODES = /^invalid_|^unsupported_|^image_|_image$|_policy$|not_found|content_filter|unsupported/;

const SEAL_WORDS = /encrypted[ _]content.{0,80}(could not be|cannot be|invalid|verif|decrypt)/i;
const QUOTA_WORDS =
  /credit balance is too low|insufficient (credits|quota|balance|funds)|requires more credits|exceeded your current quota/i;
const RETRY_WORDS = /(try again|retry) in/i;

/** The words of a context that is too long; group 1 is the limit where it is named. First match wins. */
const TOO_LONG_WORDS: readonly RegExp[] = [
  /prompt is too long(?:: [\d,]+ tokens > ([\d,]+) maximum)?/i,
  /exceed context limit: [\d,]+ \+ [\d,]+ > ([\d,]+)/i,
  /exceeds the maximum number of tokens(?: allowed)?(?:\s*\(([\d,]+)\))?/i,
  /max(?:imum|\.)? (?:context|model|prompt|sequence) (?:length|window|size)(?: is| of)?:? (?:only )?([\d,]+)/i,
  /model with ([\d,]+) maximum context length/i,
  /context (?:length|window|size)(?: is| of)? only ([\d,]+)/i,
  /exceeds the available context size(?:\s*\(([\d,]+) tokens\))?/i,
  /request too large.{0,200}tokens per min.{0,40}limit:? ([\d,]+)/i,
  /exceeds? (?:the |this |its )?(?:model'?s )?(?:maximum )?context (?:window|length|size)/i,
  /input is too long for (?:the )?requested model/i,
  /reduce the length of the (?:messages|prompt|input)/i,
];

/** The limit named in a refusal for length; null when it is none, undefined when it names no number. */
function tooLong(answer: Answer): { limit: number | undefined } | null {
  if (answer.status !== null && answer.status >= 500) return null;
  for (const pattern of TOO_LONG_WORDS) {
    const match = pattern.exec(answer.message);
    if (match) return { limit: match[1] === undefined ? undefined : Number(match[1].replaceAll(",", "")) || undefined };
  }
  return TOO_LONG_CODES.has(answer.code) ? { limit: undefined } : null;
}

function classifyAnswer(answer: Answer, asked: Asked): Verdict {
  const long = tooLong(answer);
  const kind = long ? "context-length" : kindOf(answer);
  const text = quote(advise(kind, answer, asked), answer.message, asked);
  const { error, retry } = verdict(kind, levelOf(kind, answer), text);
  return {
    retry,
    error: {
      ...error,
      ...(answer.status === null ? {} : { status: answer.status }),
      ...(long?.limit === undefined ? {} : { limit: long.limit }),
    },
  };
}

function kindOf(answer: Answer): Kind {
  const { status, message } = answer;
  const code = answer.code.toLowerCase();
  if (SEAL_CODES.has(code) || SEAL_WORDS.test(message)) return "invalid-seal";
  if (status === 402 || QUOTA_CODES.has(code)) return "quota";
  if (QUOTA_WORDS.test(message) && !RETRY_WORDS.test(message)) return "quota";
  if (status === 401 || status === 403) return "auth";
  if (status === 429) return "rate";
  if (status === 408 || status === 409 || (status !== null && status >= 500)) return "overload";
  if (AUTH_CODES.has(code)) return "auth";
  if (status !== null) return "refused";
  if (RATE_CODES.has(code)) return "rate";
  return OVERLOAD_CODES.has(code) || !FINAL_CODES.test(code) ? "overload" : "refused";
}

/** A status is asked again as a request; what the stream says, and a rate limit, as a stream. */
function levelOf(kind: Kind, answer: Answer): Level {
  if (kind === "rate") return "stream";
  if (kind !== "overload") return "never";
  return answer.inStream ? "stream" : "request";
}

function advise(kind: Kind, answer: Answer, asked: Asked): string {
  const { provider, model, address } = asked;
  const status = answer.status === null ? "" : ` (${answer.status})`;
  switch (kind) {
    case "context-length":
      return `The request is longer than ${model} takes: compact the thread or use a model with a larger context`;
    case "quota":
      return `${provider} says your account has no credit left for this${status}: check plan and billing, or use another provider`;
    case "auth":
      return asked.envKey === null
        ? `${provider} wants a key${status}: set env_key for it in the config`
        : `${provider} refused the key in ${asked.envKey}${status}: check that it is right and may use ${model}`;
    case "rate":
      return `${provider} limits how much you may ask${status}: wait a little, or use another model`;
    case "overload":
      return `${provider} cannot answer at the moment${status}: try again later`;
    case "invalid-seal":
      return `${provider} cannot read a sealed item of this thread${status}: use the account and model that wrote it`;
    default:
      if (answer.status === 404)
        return `${provider} does not serve ${model} at ${address}${status}: check model and base_url`;
      if (answer.status !== null && answer.status < 400)
        return `${address} is no Responses API${status}: check base_url`;
      return `${provider} did not accept the request${status}: change it, or check model and base_url`;
  }
}

const verdict = (kind: Kind, retry: Level, message: string): Verdict => ({ error: { kind, message }, retry });

const QUOTED_CHARS = 300;
const KEY_SHAPED = /\b(?:sk|pk|rk|gsk|xai|key|AIza|Bearer\s)[-_\w*]{6,}(?:\.[-_\w*]+)*/g;

/** Our sentence and the provider's own words. */
function quote(text: string, words: string, asked: Asked): string {
  const said = safe(words, asked);
  return said === "" ? text : `${text}; it said: ${said}`;
}

/** Words of others on one line, cut, without keys. */
function safe(words: string, asked: Asked): string {
  let said = words.slice(0, 10_000);
  for (const secret of asked.secrets) if (secret.length >= 4) said = said.replaceAll(secret, "[key]");
  return oneLine(said.replace(KEY_SHAPED, "[key]"), QUOTED_CHARS);
}
