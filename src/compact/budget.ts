/**
 * Budget: how many tokens each part of a prompt may take, for a model's limit.
 *
 * Owns        every share and cap of DESIGN.md, section 5.2.
 * Invariants  1. Caps are ceilings; nothing is filled up to them on purpose.
 *             2. A value that cannot fit is refused with a reason, never clamped in silence.
 */
export interface Budget {
  readonly limit: number;
  /** Kept free for the answer. */
  readonly reserve: number;
  /** limit - reserve, or less. */
  readonly usable: number;
  /** Above it, fold at the next settled boundary. 0 = never. */
  readonly soft: number;
  /** Above it, fold now. 0 = never by size. */
  readonly hard: number;
  readonly checkpoints: number;
  /** The user messages in checkpoints. */
  readonly users: number;
  /** One user message in a checkpoint, or one that does not fit when it is said. */
  readonly userMessage: number;
  readonly summary: number;
  readonly record: number;
  readonly ledger: number;
  readonly pins: number;
  /** One open user message shown as the current request. */
  readonly current: number;
  /** Record and now together. */
  readonly added: number;
  readonly tail: { readonly tokens: number; readonly steps: number; readonly wholeSteps: number };
  /** One tool output; all of one step. */
  readonly output: number;
  readonly stepOutput: number;
  /** Checkpoints of one level before they merge. */
  readonly fanIn: number;
}

export interface BudgetOptions {
  /** Tokens the model may answer with, where its table says so. */
  readonly maxOutput?: number;
  /** Tokens; 0 = never fold by size. */
  readonly autoCompactLimit?: number;
  readonly toolOutputLimit?: number;
  /** The lines, as `[compaction]` has them: up to 1 a share of what is usable, above that tokens, 0 = never. */
  readonly soft?: number;
  readonly hard?: number;
}

export type BudgetResult =
  | { readonly kind: "ok"; readonly budget: Budget }
  | { readonly kind: "refused"; readonly message: string };

export const SMALLEST_LIMIT = 6000;
const SMALL_LIMIT = 32_000;
const TINY_LIMIT = 8000;

/**
 * Work out the budget of a limit.
 *
 * @param limit tokens of the model's context
 */
export function budgetFor(limit: number, options: BudgetOptions = {}): BudgetResult {
  if (!(limit >= SMALLEST_LIMIT)) return refused(`a context of ${limit} tokens is too small`, limit);
  const reserve = Math.ceil(Math.max(options.maxOutput ?? Math.min(16_000, 0.12 * limit), 0.05 * limit));
  const usable = limit - reserve;
  if (usable < SMALLEST_LIMIT / 2) return refused(`an answer of ${reserve} tokens leaves too little room`, limit);
  const auto = options.autoCompactLimit;
  if (auto !== undefined && auto > usable) {
    const message = `model_auto_compact_token_limit is ${auto}, but of the ${limit} tokens only ${usable} are usable`;
    return { kind: "refused", message: `${message}: set it to at most ${usable}, or to 0 for never` };
  }
  const lineOf = (value: number) => (value <= 1 ? value * usable : value);
  if (options.hard !== undefined && lineOf(options.hard) > usable) {
    return {
      kind: "refused",
      message: `[compaction] hard is ${options.hard}, but of the ${limit} tokens only ${usable} are usable`,
    };
  }
  const isOff = auto === 0 || options.hard === 0;
  const hard = isOff ? 0 : Math.round(Math.min(lineOf(options.hard ?? 0.9), auto ?? Number.POSITIVE_INFINITY));
  const softest = options.soft === undefined ? Math.min(0.7 * usable, 160_000) : lineOf(options.soft);
  const cap = (share: number, most: number, tiny: number) => scaled(limit, Math.min(share * usable, most), tiny);
  return {
    kind: "ok",
    budget: {
      limit,
      reserve,
      usable,
      soft: isOff || options.soft === 0 ? 0 : Math.round(Math.min(softest, hard)),
      hard,
      checkpoints: Math.floor(0.25 * usable),
      users: Math.floor(0.12 * usable),
      userMessage: Math.floor(0.04 * usable),
      summary: cap(1, 2000, 300),
      record: cap(1, 3000, 400),
      ledger: cap(0.06, 4000, 250),
      pins: cap(0.04, 2000, 150),
      current: cap(0.06, 2000, 250),
      added: Math.max(Math.floor(0.05 * usable), 700),
      tail: {
        tokens: Math.floor(0.065 * usable),
        steps: limit < SMALL_LIMIT ? 1 : 2,
        wholeSteps: Math.floor(0.25 * usable),
      },
      output: Math.floor(Math.min(options.toolOutputLimit ?? Number.POSITIVE_INFINITY, 0.08 * usable)),
      stepOutput: Math.floor(0.2 * usable),
      fanIn: 4,
    },
  };
}

/** A cap that is `full` from 32k tokens on and falls in a straight line to `tiny` at 8k. */
function scaled(limit: number, full: number, tiny: number): number {
  const at = Math.min(1, Math.max(0, (limit - TINY_LIMIT) / (SMALL_LIMIT - TINY_LIMIT)));
  return Math.floor(Math.min(full, tiny + at * (full - tiny)) || tiny);
}

function refused(reason: string, limit: number): BudgetResult {
  const parts = "instructions and tools take about 2,500, a step and its outputs 1,500, the answer 12 %";
  return {
    kind: "refused",
    message: `Cannot work with limit ${limit}: ${reason}; at least ${SMALLEST_LIMIT} are needed (${parts})`,
  };
}
