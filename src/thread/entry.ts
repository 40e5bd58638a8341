/**
 * Entry: one line of a thread's log, the only truth about a thread.
 *
 * Owns        the kinds of entry and what each field means.
 * Is not      the view (./view.ts) and not the file (archive/).
 * Invariants  1. `seq` is an integer, starts at 1 and has no gaps.
 *             2. An entry never changes once it is recorded; a later one may say otherwise.
 * Format      one JSON object a line, `{seq, ts, kind, …}`; unknown kinds and fields are kept and ignored.
 *             A batch is written by one write(2); merges stand directly before the fold they belong to and
 *             count only when that fold is there.
 */
import type { Usage } from "../wire/event.ts";
import type { Fragment } from "../wire/fragment.ts";
import type { Item, Role } from "../wire/item.ts";
import type { ToolSpec } from "../wire/request.ts";

/** Version of the log's format; a log with a newer one is refused, not guessed at. */
export const LOG_FORMAT = 1;

/** How much of a long text is shown, in characters of its head and of its tail. */
export interface Clip {
  readonly head: number;
  readonly tail: number;
}

export interface Place {
  readonly thread: string;
  readonly seq: number;
}

/** What code knows of a call's outcome, beside the text the model reads. */
export interface CallResult {
  readonly ok: boolean;
  /** Exit code of a command that ended. */
  readonly exit?: number;
  readonly signal?: string;
  /** Session number of a command that still runs. */
  readonly running?: number;
  readonly durationMs?: number;
  readonly files?: readonly FileChange[];
  /** Where the whole output can be read, when what the model saw was cut. */
  readonly whole?: string;
}

export interface FileChange {
  readonly path: string;
  readonly change: "add" | "update" | "delete";
  readonly movedTo?: string;
}

export type TurnOutcome = "done" | "interrupted" | "failed" | "stopped" | "context-full";

/** A user message inside a checkpoint: the entry it came from, and how much of it is shown (whole if not said). */
export interface KeptUser {
  readonly seq: number;
  readonly clip?: Clip;
}

/** The fields a checkpoint is made of, as fold and merge entries store them. */
export interface StoredCheckpoint {
  /** 0 = made from entries; n = merged from checkpoints of level n - 1 and below. */
  readonly level: number;
  /** How many times the oldest text in the record has been written anew. */
  readonly generation: number;
  /** First and last `seq` of the folded span. */
  readonly from: number;
  readonly to: number;
  readonly users: readonly KeptUser[];
  /** The record's text, replayed as it stands. */
  readonly record: string;
}

interface Base {
  readonly seq: number;
  /** ISO 8601, UTC. */
  readonly ts: string;
}

export interface OpenEntry extends Base {
  readonly kind: "open";
  readonly format: number;
  readonly thread: string;
  readonly cwd: string;
  /** Where this log was copied from. */
  readonly origin?: Place;
  /** The thread that spawned this one. */
  readonly parent?: Place;
}

export interface EpochEntry extends Base {
  readonly kind: "epoch";
  readonly base: string;
  /** Where the base instructions stand in a request. */
  readonly place: "instructions" | "developer";
  readonly tools: readonly ToolSpec[];
  readonly fragments: readonly Fragment[];
  readonly cause: string;
}

export interface ItemEntry extends Base {
  readonly kind: "item";
  readonly item: Item;
  /** A user message too long to be sent whole. */
  readonly clip?: Clip;
  /** With a call's output: what code knows of it. */
  readonly result?: CallResult;
}

export interface SettingsEntry extends Base {
  readonly kind: "settings";
  readonly model: string;
  readonly provider: string;
  readonly family: string;
  /** Context size in tokens, and who said so. */
  readonly limit: number;
  readonly limitFrom: "setup" | "provider";
  /** Can the model see images? */
  readonly images: boolean;
  readonly cwd: string;
  readonly policy: string;
  /** Hash of the tools' bytes. */
  readonly tools: string;
}

export interface FragmentEntry extends Base {
  readonly kind: "fragment";
  readonly fragment: Fragment;
}

export interface FoldEntry extends Base, StoredCheckpoint {
  readonly kind: "fold";
  readonly trigger: "limit" | "overflow" | "user" | "model";
  readonly phase: "before-turn" | "in-turn" | "after-turn" | "standalone";
  readonly rung: "native" | "summary-warm" | "summary-cold" | "digest" | "reset";
  /** What stands between the checkpoints and the tail: at most one developer and two user messages. */
  readonly now: readonly { readonly role: Role; readonly text: string }[];
  /** Outputs and user messages of the tail that are shown head and tail from here on. */
  readonly clips: readonly { readonly seq: number; readonly clip: Clip }[];
  readonly tokensBefore: number;
  readonly tokensAfter: number;
  readonly durationMs: number;
  /** Version of the renderer that wrote record and now. */
  readonly renderer: number;
  /** sha256 of all prompt bytes (tools, instructions, items) in front of the first byte this fold wrote, and how many items. */
  readonly frozen: { readonly items: number; readonly sha256: string };
  /** Tokens of the request for a summary that came from the provider's cache. */
  readonly cachedTokens?: number;
  /** Share of the probes found before and after repair. */
  readonly score?: { readonly before: number; readonly after: number };
  /** Rung native: what the provider returned; the checkpoint above is its twin for other targets. */
  readonly native?: { readonly provider: string; readonly family: string; readonly items: readonly Item[] };
}

export interface MergeEntry extends Base, StoredCheckpoint {
  readonly kind: "merge";
  /** The `seq` of the checkpoints it takes, oldest first; they stand side by side. */
  readonly takes: readonly number[];
}

export interface UndoEntry extends Base {
  readonly kind: "undo";
  readonly fold: number;
}

export interface RevertEntry extends Base {
  readonly kind: "revert";
  /** Entries after this one, up to the revert itself, are hidden. */
  readonly to: number;
}

export interface MaskEntry extends Base {
  readonly kind: "mask";
  readonly seqs: readonly number[];
}

export interface NativeEntry extends Base {
  readonly kind: "native";
  readonly item: Item;
  readonly provider: string;
  readonly family: string;
}

export interface UsageEntry extends Base {
  readonly kind: "usage";
  readonly usage: Usage;
  /** Tokens of that prompt by our own count, uncalibrated: the report calibrates the count. */
  readonly estimate: number;
}

export interface TurnEntry extends Base {
  readonly kind: "turn";
  readonly state: "started" | "ended";
  readonly outcome?: TurnOutcome;
  readonly reason?: string;
}

export interface ApprovalEntry extends Base {
  readonly kind: "approval";
  readonly call: string;
  readonly decision: "allowed" | "denied";
  readonly words?: string;
}

export interface NoteEntry extends Base {
  readonly kind: "note";
  readonly text: string;
  readonly by: "model" | "user";
}

export interface PinEntry extends Base {
  readonly kind: "pin";
  readonly text: string;
  readonly lifts?: number;
}

export interface SpawnEntry extends Base {
  readonly kind: "spawn";
  readonly thread: string;
  readonly task: string;
}

export interface ReturnEntry extends Base {
  readonly kind: "return";
  readonly thread: string;
  readonly result: string;
}

export interface EffectEntry extends Base {
  readonly kind: "effect";
  /** The `call_id` of the call that is about to run. */
  readonly call: string;
  readonly state: "started";
}

export type Entry =
  | OpenEntry
  | EpochEntry
  | ItemEntry
  | SettingsEntry
  | FragmentEntry
  | FoldEntry
  | MergeEntry
  | UndoEntry
  | RevertEntry
  | MaskEntry
  | NativeEntry
  | UsageEntry
  | TurnEntry
  | ApprovalEntry
  | NoteEntry
  | PinEntry
  | SpawnEntry
  | ReturnEntry
  | EffectEntry;

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
/** An entry that has not been given its place in the log yet. */
export type Draft = Without<Entry, "seq" | "ts">;
