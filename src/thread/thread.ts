/**
 * Thread: what a log amounts to so far, kept up to date entry by entry.
 *
 * Owns        the live checkpoints, `now`, the tail, and which calls wait for an output.
 * Is not      the log (archive/) and not the request (./view.ts prints nothing either).
 * Invariants  1. After a fold it holds no entry of the folded span but its user messages: memory is bounded
 *                by the window, not by the log.
 *             2. `rewrites` grows exactly when something in front of the tail's end was changed in place.
 *             3. A merge has no effect until the fold that stands behind it.
 *
 *   head | checkpoint 1 | … | checkpoint n | now | tail        (DESIGN.md, section 5.1)
 */

import type { Fragment } from "../wire/fragment.ts";
import { type Call, type Item, isCall, isMessage, isOutput, type Message, message } from "../wire/item.ts";
import { clipMessage, clipOutput } from "./clip.ts";
import type {
  Clip,
  Entry,
  EpochEntry,
  FoldEntry,
  ItemEntry,
  KeptUser,
  MergeEntry,
  OpenEntry,
  SettingsEntry,
  StoredCheckpoint,
} from "./entry.ts";

/** A user message of a folded span: as it was said, and how much of it is shown. */
export interface KeptMessage {
  readonly seq: number;
  readonly item: Message;
  readonly clip?: Clip;
}

/** What stands in the view for a folded span. */
export interface Checkpoint {
  /** The fold or merge entry that made it. */
  readonly seq: number;
  readonly level: number;
  readonly generation: number;
  readonly from: number;
  readonly to: number;
  readonly users: readonly KeptMessage[];
  readonly record: string;
  /** The items it renders to: the users, then the record. */
  readonly items: readonly Item[];
}

/** One entry of the tail and the item it shows, if any. */
export interface TailEntry {
  readonly entry: Entry;
  readonly item: Item | null;
  /** Who wrote it: reasoning goes to no other family, a sealed one to no other provider either. */
  readonly family: string;
  readonly provider: string;
}

export interface Thread {
  open: OpenEntry | null;
  epoch: EpochEntry | null;
  settings: SettingsEntry | null;
  /** The newest fragment of each name. */
  fragments: Map<string, Fragment>;
  checkpoints: Checkpoint[];
  now: readonly Item[];
  tail: TailEntry[];
  /** Calls without an output, oldest first. Models may use an id again. */
  calls: { readonly seq: number; readonly call: Call; started: boolean }[];
  /** True between a turn's start and its end. */
  inTurn: boolean;
  /**
   * What the user said and was not answered: of the open turn, and of turns before it that failed or broke off,
   * since "go on" means them too. A turn that the user interrupted is taken back.
   */
  asked: { readonly seq: number; readonly item: Message }[];
  /** Number of live folds and one: the window we are in. */
  window: number;
  rewrites: number;
  lastSeq: number;
  /** What the newest fold says was in front of it; null before the first. */
  frozen: { readonly seq: number; readonly items: number; readonly sha256: string } | null;
  /** Reported tokens over estimated tokens, of the newest request that reported any. */
  ratio: number;
  merges: MergeEntry[];
}

export const newThread = (): Thread => ({
  open: null,
  epoch: null,
  settings: null,
  fragments: new Map(),
  checkpoints: [],
  now: [],
  tail: [],
  calls: [],
  inTurn: false,
  asked: [],
  window: 1,
  rewrites: 0,
  lastSeq: 0,
  frozen: null,
  ratio: 1,
  merges: [],
});

/**
 * Take in the next entry. Changes `thread` in place; total over all kinds, unknown ones included.
 * A revert or an undo only counts as seen: whoever appends one replays the log (./view.ts, `replay`).
 */
export function append(thread: Thread, entry: Entry): void {
  thread.lastSeq = entry.seq;
  switch (entry.kind) {
    case "open":
      thread.open = entry;
      return;
    case "epoch":
      thread.epoch = entry;
      thread.fragments = new Map(entry.fragments.map((fragment) => [fragment.name, fragment]));
      thread.rewrites++;
      return;
    case "settings":
      thread.settings = entry;
      return;
    case "item":
      return appendItem(thread, entry);
    case "fragment":
      thread.fragments.set(entry.fragment.name, entry.fragment);
      return push(thread, entry, message(entry.fragment.role, entry.fragment.text));
    case "native":
      return push(thread, entry, entry.item);
    case "merge":
      thread.merges.push(entry);
      return;
    case "fold":
      return fold(thread, entry);
    case "mask":
      return mask(thread, new Set(entry.seqs));
    case "usage": {
      // A figure that cannot be true says nothing about the count.
      const { inputTokens } = entry.usage;
      const isTrue = inputTokens > 0 && entry.estimate > 0 && inputTokens <= (thread.settings?.limit ?? 0);
      if (isTrue) thread.ratio = Math.min(2, Math.max(0.8, inputTokens / entry.estimate));
      return;
    }
    case "turn":
      thread.inTurn = entry.state === "started";
      if (entry.outcome === "done" || entry.outcome === "interrupted") thread.asked = [];
      return push(thread, entry, null);
    case "effect": {
      const waiting = thread.calls.find(({ call, started }) => call.call_id === entry.call && !started);
      if (waiting) waiting.started = true;
      return;
    }
    default:
      push(thread, entry, null);
  }
}

function push(thread: Thread, entry: Entry, item: Item | null): void {
  const { family = "", provider = "" } = thread.settings ?? {};
  thread.tail.push({ entry, item, family, provider });
}

function appendItem(thread: Thread, entry: ItemEntry): void {
  const { item, seq } = entry;
  if (isCall(item)) thread.calls.push({ seq, call: item, started: false });
  else if (isOutput(item)) {
    const at = thread.calls.findIndex(({ call }) => call.call_id === item.call_id);
    if (at < 0) return push(thread, entry, null); // an output that answers no call is kept in the log and shown to nobody
    thread.calls.splice(at, 1);
  }
  if (isMessage(item, "user")) thread.asked.push({ seq, item });
  push(thread, entry, entry.clip && isMessage(item, "user") ? clipMessage(item, entry.clip, seq) : item);
}

function fold(thread: Thread, entry: FoldEntry): void {
  for (const merge of thread.merges) mergeInto(thread, merge);
  thread.merges = [];
  const cut = thread.tail.findIndex((one) => one.entry.seq > entry.to);
  const span = cut < 0 ? thread.tail : thread.tail.slice(0, cut);
  const said = new Map(span.flatMap(({ entry }) => (isUserEntry(entry) ? [[entry.seq, entry.item]] : [])));
  thread.checkpoints = [...thread.checkpoints, toCheckpoint(entry.seq, entry, said)];
  thread.now = entry.now.map(({ role, text }) => message(role, text));
  const clips = new Map(entry.clips.map(({ seq, clip }) => [seq, clip]));
  thread.tail = (cut < 0 ? [] : thread.tail.slice(cut)).map((one) => {
    const clip = clips.get(one.entry.seq);
    return clip ? { ...one, item: clipEntry(one.entry, clip) ?? one.item } : one;
  });
  thread.window++;
  thread.rewrites++;
  thread.frozen = { seq: entry.seq, ...entry.frozen };
}

/** The entry's item under a clip, counted from the item as it was recorded. */
function clipEntry(entry: Entry, clip: Clip): Item | null {
  if (entry.kind !== "item") return null;
  const { item, seq } = entry;
  return isMessage(item, "user") ? clipMessage(item, clip, seq) : clipOutput(item, clip, seq);
}

function mergeInto(thread: Thread, entry: MergeEntry): void {
  const taken = new Set(entry.takes);
  const first = thread.checkpoints.findIndex((checkpoint) => taken.has(checkpoint.seq));
  if (first < 0) return;
  const gone = thread.checkpoints.filter((checkpoint) => taken.has(checkpoint.seq));
  const said = new Map(gone.flatMap((checkpoint) => checkpoint.users.map((user) => [user.seq, user.item])));
  const rest = thread.checkpoints.filter((checkpoint) => !taken.has(checkpoint.seq));
  thread.checkpoints = rest.toSpliced(first, 0, toCheckpoint(entry.seq, entry, said));
}

/** A stored checkpoint with its user messages filled in from `said`; one that is not there is left out. */
export function toCheckpoint(seq: number, stored: StoredCheckpoint, said: ReadonlyMap<number, Message>): Checkpoint {
  const users = stored.users.flatMap((kept: KeptUser): KeptMessage[] => {
    const item = said.get(kept.seq);
    return item ? [{ ...kept, item }] : [];
  });
  const shown = users.map(({ seq, item, clip }) => (clip ? clipMessage(item, clip, seq) : item));
  const { level, generation, from, to, record } = stored;
  return { seq, level, generation, from, to, users, record, items: [...shown, message("user", record)] };
}

function mask(thread: Thread, seqs: ReadonlySet<number>): void {
  thread.rewrites++;
  thread.tail = thread.tail.map((one) => {
    const { item, entry } = one;
    if (!seqs.has(entry.seq) || !item || !isOutput(item)) return one;
    return { ...one, item: { ...item, output: `[left out to save room; the whole is entry #${entry.seq}]` } };
  });
}

/** An entry with something the user said, as opposed to context that stands in a user slot. */
export const isUserEntry = (entry: Entry): entry is ItemEntry & { readonly item: Message } =>
  entry.kind === "item" && isMessage(entry.item, "user");
