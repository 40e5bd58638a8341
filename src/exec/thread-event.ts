/**
 * Thread events: the lines of `exec --json`.
 *
 * Format      one JSON object a line, by `type`. Fields may be added; none is renamed or taken away.
 * Source      the events `@openai/codex-sdk` reads; `compaction`, `tool_call` and the optional fields are ours.
 */
import type { Part, TurnResult } from "../engine/event.ts";
import type { FileChange, FoldEntry } from "../thread/entry.ts";

export type Status = "in_progress" | "completed" | "failed";

export interface CommandItem {
  readonly id: string;
  readonly type: "command_execution";
  readonly command: string;
  readonly aggregated_output: string;
  readonly exit_code: number | null;
  readonly status: Status;
  /** File with the whole output, when `aggregated_output` leaves some out. */
  readonly output_file?: string;
}

export interface PatchItem {
  readonly id: string;
  readonly type: "file_change";
  readonly changes: readonly {
    readonly path: string;
    readonly kind: FileChange["change"];
    readonly moved_to?: string;
  }[];
  readonly status: Status;
}

export interface CompactionItem {
  readonly id: string;
  readonly type: "compaction";
  readonly trigger: FoldEntry["trigger"];
  /** Null, as all that follows, until the fold is there. */
  readonly phase: FoldEntry["phase"] | null;
  readonly rung: FoldEntry["rung"] | null;
  readonly tokens_before: number;
  readonly tokens_after: number | null;
  /** Null when no model was asked. */
  readonly cached_tokens: number | null;
  /** Null when nothing was probed. */
  readonly probe_score: number | null;
  readonly duration_ms: number | null;
}

export type ThreadItem =
  | { readonly id: string; readonly type: "agent_message"; readonly text: string }
  | { readonly id: string; readonly type: "reasoning"; readonly text: string }
  | CommandItem
  | PatchItem
  | {
      readonly id: string;
      readonly type: "todo_list";
      readonly items: readonly { readonly text: string; readonly completed: boolean }[];
    }
  | {
      readonly id: string;
      readonly type: "tool_call";
      readonly tool: string;
      readonly input: unknown;
      readonly status: Status;
    }
  | CompactionItem
  | { readonly id: string; readonly type: "error"; readonly message: string };

/** Tokens of the thread so far, those of earlier runs and of folds included. */
export interface ThreadUsage {
  readonly input_tokens: number;
  readonly cached_input_tokens: number;
  readonly cache_write_input_tokens: number;
  readonly output_tokens: number;
  readonly reasoning_output_tokens: number;
}

export type ThreadEvent =
  | { readonly type: "thread.started"; readonly thread_id: string }
  | { readonly type: "turn.started" }
  | { readonly type: "item.started" | "item.updated" | "item.completed"; readonly item: ThreadItem }
  | {
      readonly type: "turn.completed";
      readonly usage: ThreadUsage;
      /** Calls of this turn. */
      readonly tool_calls: number;
      readonly stopped?: { readonly limit: (TurnResult & { kind: "stopped" })["limit"]; readonly message: string };
    }
  | {
      readonly type: "turn.failed";
      readonly error: { readonly message: string /** What takes the room. */; readonly parts?: readonly Part[] };
    }
  /** Something went wrong and the turn goes on. */
  | { readonly type: "error"; readonly message: string };

/**
 * One event as one line, its line break included.
 * The two line separators of Unicode are escaped: JSON lets them stand, and line readers break there.
 */
export const printThreadEvent = (event: ThreadEvent): string =>
  `${JSON.stringify(event).replace(/[\u2028\u2029]/g, (mark) => (mark === "\u2028" ? "\\u2028" : "\\u2029"))}\n`;
