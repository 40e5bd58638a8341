/**
 * Session: one thread being worked on, with everything the turn needs to know of it.
 *
 * Owns        opening (new or resumed), recording, and the state that both keep.
 * Is not      the loop (./turn.ts).
 * Invariants  1. The log has an entry before the thread, the ledger or anybody else does.
 *             2. After `openSession` no call of an earlier process is without its output.
 */
import { type Budget, budgetFor } from "../compact/budget.ts";
import { type Ledger, newLedger, step } from "../compact/ledger.ts";
import { NOT_RUN, OUTCOME_UNKNOWN } from "../prompt/answers.ts";
import { changedFragments } from "../prompt/fragment.ts";
import { type Draft, type Entry, LOG_FORMAT, type Place } from "../thread/entry.ts";
import { type Control, hiddenBy, isControl } from "../thread/hidden.ts";
import { append, newThread, type Thread } from "../thread/thread.ts";
import { appendLive, showHead, type Target } from "../thread/view.ts";
import { addUsage, NOTHING_USED, type Usage } from "../wire/event.ts";
import type { Fragment } from "../wire/fragment.ts";
import { answer, printItem } from "../wire/item.ts";
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
  /** For the smaller of the setup's limit and the one a provider named. */
  budget: Budget;
  /** Context size in tokens, and who said so. */
  limit: { readonly tokens: number; readonly from: "setup" | "provider" };
  /** What was found wrong on opening, for people; the thread goes on. */
  readonly warnings: readonly string[];
  /** Over the whole thread, folds included. */
  used: Usage;
  /** What had been used when this session was opened. */
  readonly usedBefore: Usage;
  readonly isResumed: boolean;
}

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
  const isResumed = thread.open !== null;
  const limit = knownLimit(thread, setup);
  const warnings = frozenWarning(thread, ports);
  const budget = limit.from === "setup" ? setup.budget : budgetWithin(setup, limit.tokens);
  const session: Session = { setup, ports, thread, ledger, used, usedBefore: used, budget, limit, warnings, isResumed };
  await record(session, isResumed ? closeOpenCalls(session) : beginning(session), isResumed);
  return session;
}

/** The limit a provider named for this model stands until the setup's own is smaller. */
function knownLimit({ settings }: Thread, { settings: { model }, target }: Setup): Session["limit"] {
  const isKnown =
    settings?.limitFrom === "provider" && settings.model === model && settings.provider === target.provider;
  if (isKnown && settings.limit < target.limit) return { tokens: settings.limit, from: "provider" };
  return { tokens: target.limit, from: "setup" };
}

/** The setup's budget for a smaller limit; where that is too small for any, its lines alone come down. */
export function budgetWithin({ budget }: Setup, limit: number): Budget {
  const sized = budgetFor(limit);
  if (sized.kind === "ok")
    return { ...sized.budget, hard: budget.hard === 0 ? 0 : Math.min(sized.budget.hard, budget.hard) };
  return {
    ...budget,
    limit,
    usable: Math.min(budget.usable, limit),
    hard: Math.min(budget.hard || limit, Math.floor(0.9 * limit)),
  };
}

/** Does the log still print what its newest fold says stood in front of it? */
function frozenWarning(thread: Thread, ports: Ports): string[] {
  const { frozen, epoch } = thread;
  if (!frozen || !epoch || epoch.seq > frozen.seq) return [];
  if (frozenHash(thread, frozen.items, ports) === frozen.sha256) return [];
  return [`the log does not print what fold #${frozen.seq} recorded: it was changed by hand or by another version`];
}

/** sha256 of the prompt bytes of tools, instructions and the first `count` items, which head and checkpoints show. */
export function frozenHash(thread: Thread, count: number, { hash }: Ports): string {
  const items = [...showHead(thread), ...thread.checkpoints.flatMap((checkpoint) => checkpoint.items)].slice(0, count);
  const { epoch } = thread;
  const outside = epoch ? [printSorted(epoch.tools), epoch.place === "instructions" ? epoch.base : ""] : [];
  return hash([...outside, ...items.map(printItem)].join("\n"));
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

function beginning(session: Session): Draft[] {
  const { thread, cwd, parent, origin } = session.setup;
  return [
    {
      kind: "open",
      format: LOG_FORMAT,
      thread,
      cwd,
      ...(parent ? { parent } : {}),
      ...(origin ? { origin } : {}),
    },
    epochOf(session, "start"),
    settingsOf(session),
  ];
}

const specs = ({ tools }: Ports): ToolSpec[] => tools.map(({ spec }) => spec);

function epochOf({ setup: { base, place, fragments }, ports }: Session, cause: string): Draft {
  return { kind: "epoch", base, place, tools: specs(ports), fragments, cause };
}

/** The settings as they are now; recorded when they differ from the log's last word. */
export function settingsOf({ setup, ports, limit }: Session): Draft & { kind: "settings" } {
  const { settings, target, cwd, policy } = setup;
  return {
    kind: "settings",
    model: settings.model,
    provider: target.provider,
    family: target.family,
    limit: limit.tokens,
    limitFrom: limit.from,
    images: target.images,
    cwd,
    policy,
    tools: ports.hash(printSorted(specs(ports))),
  };
}

/** Outputs for calls that were left open: by an earlier process, or by whoever stopped reading a turn. */
export function closeOpenCalls({ thread }: Session): Draft[] {
  return thread.calls.map(({ call, started }) => ({
    kind: "item",
    item: answer(call, started ? OUTCOME_UNKNOWN : NOT_RUN),
    result: { ok: false },
  }));
}

/**
 * What must be said before the next user message: settings and fragments that changed since the log's last word.
 * A new epoch only where the head cannot stay.
 */
export function changesOf(session: Session): Draft[] {
  const { setup, thread } = session;
  const known = thread.settings;
  const next = settingsOf(session);
  const isSame =
    known !== null && Object.entries(next).every(([key, value]) => known[key as keyof typeof known] === value);
  const settings = isSame ? [] : [next];
  const changed = changedFragments(thread.fragments, setup.fragments);
  const cause = epochCause(session);
  if (cause === null) return [...settings, ...changed.map((fragment): Draft => ({ kind: "fragment", fragment }))];
  // The new head says what holds now, but older words behind it would be read later: those are said again.
  const behind = changed.filter(({ name }) => isBehindHead(thread, name));
  return [epochOf(session, cause), ...settings, ...behind.map((fragment): Draft => ({ kind: "fragment", fragment }))];
}

/** Why the head cannot stay as it is, or null: another family, other eyes, or a tool this program does not have so. */
function epochCause({ thread, ports, setup }: Session): string | null {
  const { settings, epoch } = thread;
  if (!settings || !epoch) return "the log has no head";
  if (settings.family !== setup.target.family) return "another model family";
  if (settings.images !== setup.target.images) return "images are seen differently";
  const offered = new Map(specs(ports).map(({ name, type }) => [name, type]));
  return epoch.tools.every(({ name, type }) => offered.get(name) === type)
    ? null
    : "a tool is gone or has another form";
}

/** Does a fragment of this name stand in the tail or in `now`, behind the head? */
function isBehindHead({ tail, epoch, fragments }: Thread, name: string): boolean {
  const inTail = tail.some(({ entry }) => entry.kind === "fragment" && entry.fragment.name === name);
  return inTail || epoch?.fragments.find((fragment) => fragment.name === name)?.text !== fragments.get(name)?.text;
}
