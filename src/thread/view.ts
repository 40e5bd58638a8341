/**
 * View: the items sent as `input`, a pure function of the log and a target.
 *
 * Owns        what each entry shows to whom.
 * Invariants  1. Same entries, same target, same items.
 *             2. Without a fold, merge, mask, undo, revert or epoch in between, the items of an earlier view
 *                are a prefix of those of a later one.
 */
import { contentText, type Item, isOutput, type Message, message, type Part } from "../wire/item.ts";
import type { Entry } from "./entry.ts";
import { hiddenBy, isControl } from "./hidden.ts";
import { append, newThread, type TailEntry, type Thread } from "./thread.ts";

/** Whom a view is made for. */
export interface Target {
  readonly provider: string;
  readonly family: string;
  /** Context size in tokens. */
  readonly limit: number;
  /** Can it see images? */
  readonly images: boolean;
  /** Can it open native compaction items? */
  readonly seals: boolean;
}

/** The thread that `entries` amount to. Merges of a fold that was undone go with it. */
export function replay(entries: readonly Entry[]): Thread {
  const hidden = hiddenBy(entries.filter(isControl));
  const thread = newThread();
  for (const entry of entries) appendLive(thread, entry, hidden(entry.seq) !== null);
  return thread;
}

/** Take in the next entry of a log that is being replayed; a hidden one only counts. */
export function appendLive(thread: Thread, entry: Entry, isHidden: boolean): void {
  if (!isHidden) return append(thread, entry);
  thread.lastSeq = entry.seq;
  thread.rewrites++;
  if (entry.kind === "fold") thread.merges = [];
}

/** The view of a log: `replay`, then `show`. */
export const view = (entries: readonly Entry[], target: Target): Item[] => show(replay(entries), target);

/**
 * The items a thread shows to `target`: head, checkpoints, now, tail. The same entry gives the same object
 * each time, so that whoever prints items can keep what it printed.
 */
export function show(thread: Thread, target: Target): Item[] {
  return [
    ...showHead(thread),
    ...thread.checkpoints.flatMap((checkpoint) => checkpoint.items).map((item) => forTarget(item, target)),
    ...thread.now,
    ...thread.tail.flatMap((one) => showTail(one, target)),
  ];
}

const heads = new WeakMap<object, Item[]>();

/** The head's items: base instructions where they stand in the input, then the epoch's fragments. */
export function showHead(thread: Thread): readonly Item[] {
  const { epoch } = thread;
  if (!epoch) return [];
  const known = heads.get(epoch);
  if (known) return known;
  const base = epoch.place === "developer" && epoch.base !== "" ? [message("developer", epoch.base)] : [];
  const items = [...base, ...epoch.fragments.map((fragment) => message(fragment.role, fragment.text))];
  heads.set(epoch, items);
  return items;
}

export function showTail({ item, entry, family, provider }: TailEntry, target: Target): Item[] {
  if (!item) return [];
  if (item.type === "reasoning") {
    const isSealed = item.encrypted_content !== undefined && item.encrypted_content !== null;
    if (family !== target.family || (isSealed && provider !== target.provider)) return [];
  }
  if (entry.kind === "native" && !(target.seals && entry.provider === target.provider)) return [];
  return [forTarget(item, target)];
}

const blind = new WeakMap<Item, Item>();

/** The item as `target` can read it: images give way to a word where it cannot see them. */
export function forTarget(item: Item, target: Target): Item {
  if (target.images) return item;
  const parts = item.type === "message" ? (item as Message).content : isOutput(item) ? item.output : "";
  if (typeof parts === "string" || !parts.some((part) => part.type === "input_image")) return item;
  const known = blind.get(item);
  if (known) return known;
  const words = parts.map(
    (part): Part =>
      part.type === "input_image" ? { type: "input_text", text: "[an image that this model cannot see]" } : part,
  );
  const seen: Item = item.type === "message" ? { ...item, content: words } : ({ ...item, output: words } as Item);
  blind.set(item, seen);
  return seen;
}

/** Everything a person said or was told in an item, as plain text. */
export function itemText(item: Item): string {
  if (item.type === "message") return contentText(item.content);
  if (isOutput(item)) return contentText(item.output);
  return "";
}
