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
import { answeredLine, readRecord, recordFoot, recordHead, unshownLine } from "./record.ts";
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
    const parts = standing.slice(first, first + count);
    const others = standing.toSpliced(first, count);
    const merge = { first, count, checkpoint: mergeAll(parts, others, budget) };
    merges.push(merge);
    standing = standing.toSpliced(first, count, merge.checkpoint);
  };
  for (let run = fullRun(standing, budget.fanIn); run; run = fullRun(standing, budget.fanIn))
    apply(run.first, run.count);
  // Once they would pass their share, the oldest of the lowest levels merge until they are well under it.
  if (tokensOfAll(standing) + budget.record > budget.checkpoints) {
    while (standing.length > 1 && tokensOfAll(standing) > (4 / 5) * budget.checkpoints - budget.record) {
      const before = tokensOfAll(standing);
      apply(lowestPair(standing), 2);
      if (tokensOfAll(standing) >= before) break;
    }
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

/** Merge by code: all user messages as far as they fit, requests, half a record of step lines, and every number. */
function mergeAll(parts: readonly Folded[], others: readonly Folded[], budget: Budget): Folded {
  const beside = others.flatMap(({ users }) => users);
  const { shown, unshown } = fitUsers(
    parts.flatMap(({ users }) => users),
    beside,
    budget,
  );
  const from = Math.min(...parts.map((part) => part.from));
  const to = Math.max(...parts.map((part) => part.to));
  const read = parts.map(({ record }) => readRecord(record));
  const half = Math.floor(Math.min(budget.record, budget.added) / 2);
  const calls = read.reduce((sum, part) => sum + part.calls, 0);
  const done = read.reduce((sum, part) => sum + part.done, 0);
  const requests = thin(
    read.flatMap((part) => part.requests).map((line) => oneLine(line, 160)),
    half / 2,
  );
  const head = [
    ...recordHead(from, to, `, merged from ${parts.length} records by code`),
    `done: ${calls} calls and answers, ${done} requests; pending: none.`,
    ...unshownLine([...read.flatMap((part) => part.unshown), ...unshown]),
    ...answeredLine(read.flatMap((part) => part.answered)),
  ];
  const asked = requests.length > 0 ? ["Requests:", ...requests] : [];
  const foot = recordFoot(parts.some(({ record }) => record.endsWith(recordFoot(true))));
  const room = half - tokensOf([...head, ...asked, foot].join("\n"));
  const steps = thin(
    read.flatMap((part) => part.steps),
    Math.max(80, room),
  );
  return {
    level: Math.max(...parts.map(({ level }) => level)) + 1,
    generation: Math.max(...parts.map(({ generation }) => generation)) + 1,
    from,
    to,
    users: shown,
    record: [...head, ...asked, ...(steps.length > 0 ? ["Steps:", ...steps] : []), foot].join("\n"),
  };
}
