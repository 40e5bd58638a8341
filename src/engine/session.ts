/**
 * Session: one thread being worked on, with everything the turn needs to know of it.
 *
 * Owns        opening (new or resumed), recording, and the state that both keep.
 * Is not      the loop (./turn.ts).
 * Invariants  1. The log has an entry before the thread, the ledger or anybody else does.
 *             2. After `openSession` no call of an earlier process is without its output.
 */
import type { Budget } from "../compact/budget.ts";
import { type Ledger, newLedger, step } from "../compact/ledger.ts";
import { NOT_RUN, OUTCOME_UNKNOWN } from "../prompt/answers.ts";
import { changedFragments } from "../prompt/fragment.ts";
import type { Draft, Entry, Place } from "../thread/entry.ts";
import { type Control, hiddenBy, isControl } from "../thread/hidden.ts";
import { append, newThread, type Thread } from "../thread/thread.ts";
import { appendLive, type Target } from "../thread/view.ts";
import type { Usage } from "../wire/event.ts";
import type { Fragment } from "../wire/fragment.ts";
import { answer } from "../wire/item.ts";
import { printSorted, type Settings, type ToolSpec } from "../wire/request.ts";
import type { Ports } from "./ports.ts";

/** How to work: fixed values, made by whoever opens the session. */
export interface Setup {
  readonly thread: string;
  readonly target: Target;
  readonly budget: Budget;
  readonly settings: Settings;
  readonly base: string;
  readonly place: "instructions" | "developer";
  readonly fragments: readonly Fragment[];
  readonly cwd: string;
  /** Sandbox and approval in a word, for the log. */
  readonly policy: string;
  readonly hasRecall: boolean;
  readonly parent?: Place;
  readonly origin?: Place;
  /** Stop at a settled point after so many requests, or tokens in and out; 0 = no limit. */
  readonly maxRequests: number;
  readonly maxTokens: number;
}

export interface Session {
  readonly setup: Setup;
  readonly ports: Ports;
  thread: Thread;
  ledger: Ledger;
  /** May shrink when a provider turns out to have less room than its table says. */
  budget: Budget;
  /** Over the whole thread, folds included. */
  used: Usage;
  /** What had been used when this session was opened. */
  readonly usedBefore: Usage;
  readonly isResumed: boolean;
}

const NOTHING_USED: Usage = {
  inputTokens: 0,
  cachedTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
};

/** The recording of entries failed; the turn must not go on. `message` is the log's own sentence. */
export class NotRecorded extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = "NotRecorded";
  }
}

/**
 * Open a thread: read its log if there is one, else begin it.
 *
 * @throws {NotRecorded} when the log cannot be written; whatever `log.read` throws when it cannot be read
 */
export async function openSession(ports: Ports, setup: Setup): Promise<Session> {
  const { thread, ledger, used } = await replayLog(ports);
  const session: Session = {
    setup,
    ports,
    thread,
    ledger,
    used,
    usedBefore: used,
    budget: setup.budget,
    isResumed: thread.open !== null,
  };
  await record(session, session.isResumed ? closeOpenCalls(thread) : beginning(session), session.isResumed);
  return session;
}

/** Read the whole log once; twice when something in it was taken back. */
export async function replayLog(ports: Pick<Ports, "log">): Promise<Pick<Session, "thread" | "ledger" | "used">> {
  const controls: Control[] = [];
  const first = await replayWith(ports, () => null, controls);
  return controls.length === 0 ? first : replayWith(ports, hiddenBy(controls), []);
}

async function replayWith({ log }: Pick<Ports, "log">, hidden: ReturnType<typeof hiddenBy>, controls: Control[]) {
  const thread = newThread();
  let ledger = newLedger();
  let used = NOTHING_USED;
  for await (const entry of log.read(1)) {
    if (isControl(entry)) controls.push(entry);
    const state = hidden(entry.seq);
    appendLive(thread, entry, state !== null);
    if (state !== "undone") ledger = step(ledger, entry, state === "reverted");
    if (entry.kind === "usage") used = addUsage(used, entry.usage);
  }
  return { thread, ledger, used };
}

/**
 * Record entries, then take them in (invariant 1).
 *
 * @param durable on the disk when it returns: before a request, before an effect, at a turn's end
 */
export async function record(session: Session, drafts: readonly Draft[], durable: boolean): Promise<Entry[]> {
  if (drafts.length === 0) return [];
  const { thread, ports } = session;
  const ts = new Date(ports.clock.now()).toISOString();
  const entries = drafts.map((draft, index): Entry => ({ seq: thread.lastSeq + 1 + index, ts, ...draft }) as Entry);
  try {
    await ports.log.append(entries, durable);
  } catch (cause) {
    throw new NotRecorded(cause);
  }
  for (const entry of entries) {
    append(thread, entry);
    session.ledger = step(session.ledger, entry);
    if (entry.kind === "usage") session.used = addUsage(session.used, entry.usage);
  }
  return entries;
}

function beginning({ setup, ports }: Session): Draft[] {
  const { thread, cwd, parent, origin } = setup;
  return [
    { kind: "open", format: 1, thread, cwd, ...(parent ? { parent } : {}), ...(origin ? { origin } : {}) },
    {
      kind: "epoch",
      base: setup.base,
      place: setup.place,
      tools: specs(ports),
      fragments: setup.fragments,
      cause: "start",
    },
    settingsOf(setup, ports),
  ];
}

const specs = ({ tools }: Ports): ToolSpec[] => tools.map(({ spec }) => spec);

function settingsOf(setup: Setup, ports: Ports): Draft & { kind: "settings" } {
  const { settings, target, cwd, policy } = setup;
  const tools = ports.hash(printSorted(specs(ports)));
  return {
    kind: "settings",
    model: settings.model,
    provider: target.provider,
    family: target.family,
    limit: target.limit,
    cwd,
    policy,
    tools,
  };
}

/** Outputs for calls that an earlier process left open: what ran may have had its effect. */
function closeOpenCalls(thread: Thread): Draft[] {
  return thread.calls.map(({ call, started }) => ({
    kind: "item",
    item: answer(call, started ? OUTCOME_UNKNOWN : NOT_RUN),
    result: { ok: false },
  }));
}

/**
 * What must be said before the next user message: settings and fragments that changed since the log's last word.
 * A new epoch only where the head cannot stay: another family, or tools this program does not have.
 */
export function changesOf({ setup, ports, thread }: Session): Draft[] {
  const known = thread.settings;
  const next = settingsOf(setup, ports);
  const isSame =
    known !== null && Object.entries(next).every(([key, value]) => known[key as keyof typeof known] === value);
  const names = new Set(specs(ports).map(({ name }) => name));
  const isForeign = thread.epoch?.tools.some(({ name }) => !names.has(name)) ?? true;
  const cause = known?.family !== next.family ? "another model family" : isForeign ? "tools are gone" : null;
  const { base, place, fragments } = setup;
  if (cause) return [next, { kind: "epoch", base, place, tools: specs(ports), fragments, cause }];
  const changed = changedFragments(thread.fragments, fragments);
  return [...(isSame ? [] : [next]), ...changed.map((fragment): Draft => ({ kind: "fragment", fragment }))];
}

const addUsage = (a: Usage, b: Usage): Usage => ({
  inputTokens: a.inputTokens + b.inputTokens,
  cachedTokens: a.cachedTokens + b.cachedTokens,
  cacheWriteTokens: a.cacheWriteTokens + b.cacheWriteTokens,
  outputTokens: a.outputTokens + b.outputTokens,
  reasoningTokens: a.reasoningTokens + b.reasoningTokens,
});
