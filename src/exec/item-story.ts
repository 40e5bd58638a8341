/**
 * Item story: the items of `exec --json`, made from recorded entries and from calls.
 *
 * Owns        the ids item_0, item_1 …, and which item a call belongs to: input to a running command and its
 *             output are part of the item of the command that was started.
 * Invariants  1. An item that was started is completed exactly once; what is still open at the end, by `close`.
 *             2. Nothing is said of an item after it is completed.
 */
import { resolve } from "node:path";
import type { Event } from "../engine/event.ts";
import type { CallResult, Entry, FileChange } from "../thread/entry.ts";
import { type Call, contentText, isMessage } from "../wire/item.ts";
import { hasRun, outputBody, type PlanStep, parsedInput, patchFolder, storyOf } from "./call-story.ts";
import { patchChanges } from "./patch-text.ts";
import type { CommandItem, CompactionItem, PatchItem, Status, ThreadEvent, ThreadItem } from "./thread-event.ts";

type Of<K extends Event["kind"]> = Extract<Event, { kind: K }>;
type TodoItem = Extract<ThreadItem, { type: "todo_list" }>;

/** How a call ended. */
interface Ending {
  readonly result: CallResult;
  readonly body: string;
  /** Paths in the result are relative to it. */
  readonly folder: string;
}

export class ItemStory {
  readonly #cwd: string;
  #count = 0;
  /** By call_id; null for a call that gets an item only when its outcome is known. */
  readonly #calls = new Map<string, ThreadItem | null>();
  /** Commands that still run, by session number. */
  readonly #sessions = new Map<number, CommandItem>();
  #todo: TodoItem | null = null;
  #fold: CompactionItem | null = null;

  constructor(cwd: string) {
    this.#cwd = cwd;
  }

  isOpen(call: Call): boolean {
    return this.#calls.has(call.call_id);
  }

  recorded(entries: readonly Entry[]): ThreadEvent[] {
    return entries.flatMap((entry) => {
      if (entry.kind !== "item") return [];
      const { item } = entry;
      if (item.type === "reasoning") {
        const parts = item.summary?.length ? item.summary : (item.content ?? []);
        const text = parts.map((part) => part.text).join("\n\n");
        return text === "" ? [] : [this.#whole({ id: this.#id(), type: "reasoning", text })];
      }
      if (!isMessage(item, "assistant")) return [];
      const text = contentText(item.content);
      return text === "" ? [] : [this.#whole({ id: this.#id(), type: "agent_message", text })];
    });
  }

  notice(text: string): ThreadEvent[] {
    return [this.#whole({ id: this.#id(), type: "error", message: text })];
  }

  callStarted(call: Call, title: string): ThreadEvent[] {
    const story = storyOf(call);
    if (story.kind === "input" && this.#sessions.has(story.session)) {
      this.#calls.set(call.call_id, this.#sessions.get(story.session) as CommandItem);
      return [];
    }
    // A plan and a patch in a shell command show what they are by how they end.
    if (story.kind === "plan" || (story.kind === "command" && story.patch !== "")) {
      this.#calls.set(call.call_id, null);
      return [];
    }
    const item =
      story.kind === "patch"
        ? this.#patch(patchChanges(story.patch), patchFolder(call, this.#cwd))
        : story.kind === "command" || story.kind === "input"
          ? this.#command(story.kind === "command" ? story.command : title)
          : this.#tool(call);
    this.#calls.set(call.call_id, item);
    return [{ type: "item.started", item }];
  }

  callFinished({ call, output, result }: Of<"call-finished">): ThreadEvent[] {
    const started = this.isOpen(call) ? [] : this.callStarted(call, call.name);
    const item = this.#calls.get(call.call_id) ?? null;
    this.#calls.delete(call.call_id);
    const ending = { result, body: outputBody(output), folder: patchFolder(call, this.#cwd) };
    return [...started, ...(item === null ? this.#late(call, ending) : this.#finished(item, ending))];
  }

  foldStarted(event: Of<"fold-started">): ThreadEvent[] {
    this.#fold = {
      id: this.#id(),
      type: "compaction",
      trigger: event.trigger,
      phase: null,
      rung: null,
      tokens_before: event.tokensBefore,
      tokens_after: null,
      cached_tokens: null,
      probe_score: null,
      duration_ms: null,
    };
    return [{ type: "item.started", item: this.#fold }];
  }

  foldFinished({ fold }: Of<"fold-finished">): ThreadEvent[] {
    const item: CompactionItem = {
      id: this.#fold?.id ?? this.#id(),
      type: "compaction",
      trigger: fold.trigger,
      phase: fold.phase,
      rung: fold.rung,
      tokens_before: fold.tokensBefore,
      tokens_after: fold.tokensAfter,
      cached_tokens: null,
      probe_score: null,
      duration_ms: fold.durationMs,
    };
    this.#fold = null;
    return [this.#whole(item)];
  }

  /** Complete what is open: calls that were cut, commands that outlive the turn, a fold that was given up, the plan. */
  close(): ThreadEvent[] {
    const open = new Map<string, ThreadItem>();
    for (const item of [...this.#calls.values(), ...this.#sessions.values(), this.#fold, this.#todo]) {
      if (item !== null) open.set(item.id, "status" in item ? { ...item, status: "failed" } : item);
    }
    this.#calls.clear();
    this.#sessions.clear();
    this.#fold = null;
    this.#todo = null;
    return [...open.values()].map((item) => this.#whole(item));
  }

  #finished(item: ThreadItem, ending: Ending): ThreadEvent[] {
    const { result, folder } = ending;
    const status = result.ok ? "completed" : "failed";
    if (item.type === "file_change") {
      const changes = result.files === undefined ? item.changes : this.#changes(result.files, folder);
      return [this.#whole({ ...item, changes, status })];
    }
    if (item.type === "command_execution") return this.#commandFinished(item, ending);
    return [this.#whole({ ...item, status } as ThreadItem)];
  }

  #commandFinished(started: CommandItem, { result, body, folder }: Ending): ThreadEvent[] {
    const sessions = [...this.#sessions].filter(([, item]) => item.id === started.id);
    // Two calls may write to one command: what the other one added is in the session's item.
    const before = sessions[0]?.[1] ?? started;
    // The tool refused the input: that says nothing of the command.
    if (sessions.length > 0 && !hasRun(result)) return [];
    const item: CommandItem = {
      ...before,
      aggregated_output: joinOutput(before.aggregated_output, body),
      ...(result.whole === undefined ? {} : { output_file: result.whole }),
    };
    if (result.running !== undefined) {
      this.#sessions.set(result.running, item);
      return [{ type: "item.updated", item }];
    }
    for (const [session] of sessions) this.#sessions.delete(session);
    const isGood = result.exit === undefined ? result.ok : result.exit === 0;
    const done = this.#whole({ ...item, exit_code: result.exit ?? null, status: isGood ? "completed" : "failed" });
    return result.files?.length ? [done, ...this.#patched(result.files, "completed", folder)] : [done];
  }

  /** The item of a call that had to end before one could tell what it is. */
  #late(call: Call, ending: Ending): ThreadEvent[] {
    const { result, folder } = ending;
    const story = storyOf(call);
    if (story.kind === "plan" && result.ok) return this.#planned(story.steps);
    const status = result.ok ? "completed" : "failed";
    if (story.kind !== "command") {
      const item = this.#tool(call);
      return [{ type: "item.started", item }, this.#whole({ ...item, status })];
    }
    if (!hasRun(result)) return this.#patched(result.files ?? patchChanges(story.patch), status, folder);
    const item = this.#command(story.command);
    return [{ type: "item.started", item }, ...this.#commandFinished(item, ending)];
  }

  #planned(steps: readonly PlanStep[]): ThreadEvent[] {
    const items = steps.map(({ text, status }) => ({ text, completed: status === "completed" }));
    const type = this.#todo === null ? "item.started" : "item.updated";
    this.#todo = { id: this.#todo?.id ?? this.#id(), type: "todo_list", items };
    return [{ type, item: this.#todo }];
  }

  #patched(files: readonly FileChange[], status: Status, folder: string): ThreadEvent[] {
    const item = this.#patch(files, folder);
    return [{ type: "item.started", item }, this.#whole({ ...item, status })];
  }

  #patch(files: readonly FileChange[], folder: string): PatchItem {
    return { id: this.#id(), type: "file_change", changes: this.#changes(files, folder), status: "in_progress" };
  }

  #changes(files: readonly FileChange[], folder: string): PatchItem["changes"] {
    return files.map(({ path, change, movedTo }) => ({
      path: resolve(folder, path),
      kind: change,
      ...(movedTo === undefined ? {} : { moved_to: resolve(folder, movedTo) }),
    }));
  }

  #command(command: string): CommandItem {
    const id = this.#id();
    return { id, type: "command_execution", command, aggregated_output: "", exit_code: null, status: "in_progress" };
  }

  #tool(call: Call): Extract<ThreadItem, { type: "tool_call" }> {
    return { id: this.#id(), type: "tool_call", tool: call.name, input: parsedInput(call), status: "in_progress" };
  }

  #whole(item: ThreadItem): ThreadEvent {
    return { type: "item.completed", item };
  }

  #id(): string {
    return `item_${this.#count++}`;
  }
}

/** Answers come without their last line break. */
const joinOutput = (before: string, more: string): string =>
  before === "" || more === "" || before.endsWith("\n") ? before + more : `${before}\n${more}`;
