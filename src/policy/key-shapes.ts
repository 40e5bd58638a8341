/** Key shapes: how the secrets of well-known issuers look. */
import { isKeyLike } from "./key-like.ts";

export interface Shape {
  readonly name: string;
  /** One of these is in every text that can match. */
  readonly hints: readonly string[];
  readonly pattern: RegExp;
  /** Is what was found really one? The first group, or the match where there is none. */
  readonly isReal?: (found: string) => boolean;
}

/** A key begins where no word goes on; a "-" before it may be the mark of a removed line in a diff. */
const START = "(?<![A-Za-z0-9_])(?<![A-Za-z0-9_]-)";
const hasDigit = (text: string): boolean => /\d/.test(text);

/** @source key formats as their issuers document them; lengths are lower bounds. */
export const SHAPES: readonly Shape[] = [
  {
    name: "anthropic-key",
    hints: ["sk-ant-"],
    pattern: new RegExp(`${START}sk-ant-[A-Za-z0-9_-]{8,}`, "g"),
    isReal: isKeyLike,
  },
  {
    name: "openrouter-key",
    hints: ["sk-or-"],
    pattern: new RegExp(`${START}sk-or-[A-Za-z0-9_-]{8,}`, "g"),
    isReal: isKeyLike,
  },
  { name: "openai-key", hints: ["sk-"], pattern: new RegExp(`${START}sk-[A-Za-z0-9_-]{8,}`, "g"), isReal: isKeyLike },
  {
    name: "github-token",
    hints: ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"],
    pattern: new RegExp(`${START}(?:gh[pousr]_[A-Za-z0-9]{16,}|github_pat_\\w{20,})`, "g"),
    isReal: hasDigit,
  },
  {
    name: "gitlab-token",
    hints: ["glpat-"],
    pattern: new RegExp(`${START}glpat-[A-Za-z0-9_.-]{16,}`, "g"),
    isReal: hasDigit,
  },
  {
    name: "slack-token",
    hints: ["xox"],
    pattern: new RegExp(`${START}xox[abeoprs]-[A-Za-z0-9-]{8,}`, "g"),
    isReal: hasDigit,
  },
  {
    name: "aws-key-id",
    hints: ["AKIA", "ASIA"],
    pattern: new RegExp(`${START}(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9+/=])`, "g"),
  },
  { name: "google-key", hints: ["AIza"], pattern: new RegExp(`${START}AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9+/=])`, "g") },
  { name: "npm-token", hints: ["npm_"], pattern: new RegExp(`${START}npm_[A-Za-z0-9]{30,}`, "g"), isReal: hasDigit },
  {
    name: "huggingface-token",
    hints: ["hf_"],
    pattern: new RegExp(`${START}hf_[A-Za-z0-9]{20,}`, "g"),
    isReal: isMixed,
  },
  {
    name: "stripe-key",
    hints: ["sk_live_", "rk_live_", "sk_test_"],
    pattern: new RegExp(`${START}[rs]k_(?:live|test)_[A-Za-z0-9]{16,}`, "g"),
    isReal: hasDigit,
  },
  {
    name: "jwt",
    hints: ["eyJ"],
    pattern: new RegExp(`${START}eyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}`, "g"),
  },
  {
    name: "bearer-token",
    hints: ["Bearer ", "bearer "],
    pattern: /\b[Bb]earer +([A-Za-z0-9._~+/-]{8,}=*)/g,
    isReal: isKeyLike,
  },
];

/** One pass that tells most texts from those worth a search for each shape. */
export const HINT =
  /(?<![A-Za-z0-9_])(?:sk-|gh[pousr]_|github_pat_|glpat-|xox[a-z]-|A[KS]IA|AIza|npm_|hf_|[sr]k_(?:live|test)_|eyJ)[\w.-]{8}|[bB]earer +[\w.~+/-]{8}/;

export const URL_CREDENTIALS: Shape = {
  name: "url-password",
  hints: ["://"],
  pattern: /:\/\/[^\s:/@"'`[\]]{0,64}:([^\s/@"'`[\]]{8,256})@/g,
  isReal: isKeyLike,
};

function isMixed(text: string): boolean {
  return /\d/.test(text) && /[a-z]/.test(text) && /[A-Z]/.test(text);
}

/** A key's block: what may stand in one, also inside a string, a diff or a numbered listing; never other code. */
export const PEM =
  /(-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----)((?:(?!-----END)[A-Za-z0-9+/=\s\\"',:|.-]){1,20000})(-----END [A-Z0-9 ]*PRIVATE KEY)?/g;
/** A text that ends inside a key's block: its END line is still to come. */
export const PEM_OPEN = /^-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----(?:(?!-----END)[A-Za-z0-9+/=\s\\"',:|.-])*$/;
export const PEM_LINE = /[A-Za-z0-9+/]{40}/;
