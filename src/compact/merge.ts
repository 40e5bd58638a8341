/**
 * Merge: several checkpoints become one of the next level, by code.
 *
 * Owns        when merges are due, and what stands in a merged record.
 * Invariants  1. A merge takes whole checkpoints that stand side by side.
 *             2. The users of a merged checkpoint are those of its parts, in their order.
 * Source      a log-structured merge tree: fanIn runs of a level make one of the next, so N folds are
 *             rewritten O(log N) times.
 */
import { oneLine } from "../kit/cut.ts";
import { tokensOf } from "../kit/tokens.ts";
import { toCheckpoint } from "../thread/thread.ts";
import type { Budget } from "./budget.ts";
import { thin } from "./digest.ts";
import type { Folded } from "./folded.ts";
import { contentTokens } from "./measure.ts";
import { linesOfRecord, recordHead, requestLinesOfRecord } from "./record.ts";
import { fitUsers } from "./users.ts";

export interface Merge {
  /** Index of the first checkpoint it takes, and how many, at the moment it is applied. */
  readonly first: number;
  readonly count: number;
  readonly checkpoint: Folded;
}

/**
 * The merges to make before another checkpoint is added, in the order in which they are applied.
 *
 * @returns none most of the time: a level merges when `fanIn` of it stand, and the oldest ones when all together
 *          pass their share of the view
 */
export function mergesDue(checkpoints: readonly Folded[], budget: Budget): Merge[] {
  const merges: Merge[] = [];
  let standing = checkpoints;
  const apply = (first: number, count: number) => {
    const merge = { first, count, checkpoint: mergeAll(standing.slice(first, first + count), budget) };
    merges.push(merge);
    standing = standing.toSpliced(first, count, merge.checkpoint);
  };
  for (let run = fullRun(standing, budget.fanIn); run; run = fullRun(standing, budget.fanIn))
    apply(run.first, run.count);
  while (standing.length > 1 && tokensOfAll(standing) + budget.record > budget.checkpoints) {
    const before = tokensOfAll(standing);
    apply(lowestPair(standing), 2);
    if (tokensOfAll(standing) >= before || tokensOfAll(standing) <= (4 / 5) * budget.checkpoints) break;
  }
  return merges;
}

function fullRun(checkpoints: readonly Folded[], fanIn: number): { first: number; count: number } | null {
  for (let first = 0; first + fanIn <= checkpoints.length; first++) {
    const run = checkpoints.slice(first, first + fanIn);
    if (run.every(({ level }) => level === run[0]?.level)) return { first, count: fanIn };
  }
  return null;
}

/** The oldest two neighbours whose levels together are the lowest. */
function lowestPair(checkpoints: readonly Folded[]): number {
  let best = 0;
  const levels = (first: number) => (checkpoints[first]?.level ?? 0) + (checkpoints[first + 1]?.level ?? 0);
  for (let first = 1; first + 1 < checkpoints.length; first++) if (levels(first) < levels(best)) best = first;
  return best;
}

const tokensOfAll = (checkpoints: readonly Folded[]): number =>
  checkpoints.reduce((sum, folded) => {
    const said = new Map(folded.users.map(({ seq, item }) => [seq, item]));
    return sum + toCheckpoint(0, folded, said).items.reduce((size, item) => size + contentTokens(item), 0);
  }, 0);

/** Merge by code: all user messages as far as they fit, requests and decisions, half a record of step lines. */
function mergeAll(parts: readonly Folded[], budget: Budget): Folded {
  const { shown, unshown } = fitUsers(
    parts.flatMap(({ users }) => users),
    [],
    budget,
  );
  const from = Math.min(...parts.map((part) => part.from));
  const to = Math.max(...parts.map((part) => part.to));
  const requests = parts.flatMap(({ record }) => requestLinesOfRecord(record));
  const steps = parts.flatMap(({ record }) => linesOfRecord(record));
  const half = Math.floor(Math.min(budget.record, budget.added) / 2);
  const head = [
    ...recordHead(from, to, `, merged from ${parts.length} records by code`),
    ...(unshown.length > 0
      ? [`Earlier messages of the user, in the log only: ${unshown.map((seq) => `#${seq}`).join(", ")}`]
      : []),
  ];
  const asked =
    requests.length > 0
      ? [
          "Requests:",
          ...thin(
            requests.map((line) => oneLine(line, 160)),
            half / 2,
          ),
        ]
      : [];
  const room = half - tokensOf([...head, ...asked].join("\n"));
  const body = ["Steps:", ...thin(steps, Math.max(80, room))];
  return {
    level: Math.max(...parts.map(({ level }) => level)) + 1,
    generation: Math.max(...parts.map(({ generation }) => generation)) + 1,
    from,
    to,
    users: shown,
    record: [...head, ...asked, ...body].join("\n"),
  };
}
