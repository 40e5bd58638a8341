/**
 * JSON face: a turn as JSON lines on stdout, for programs. The official Codex SDK reads them unchanged.
 *
 * Is not      where items are made (./item-story.ts) nor their shapes (./thread-event.ts).
 * Invariants  1. `thread.started` is the first line, on a resumed thread too.
 *             2. The last line is `turn.completed` or `turn.failed`, once.
 *             3. One line is one write.
 */
import type { Event, TurnResult } from "../engine/event.ts";
import type { Usage } from "../wire/event.ts";
import { addUsage, NOTHING_USED } from "../wire/event.ts";
import { contentText, isMessage } from "../wire/item.ts";
import { exitCodeOf, type FaceResult, isClosed, NO_ENDING, type Sinks } from "./face.ts";
import { ItemStory } from "./item-story.ts";
import { retryText } from "./retry-text.ts";
import { printThreadEvent, type ThreadEvent } from "./thread-event.ts";

export interface JsonFaceOptions {
  /** Paths in patches are relative to it. */
  readonly cwd: string;
  /** What the thread used before this run. */
  readonly used?: Usage;
}

/**
 * Write one turn as JSON lines until it ends.
 *
 * @returns how it ended; with `closed` and exit code 130 when stdout was closed before.
 * @throws what `events` throws, after a `turn.failed` with its message.
 */
export async function runJsonFace(
  events: AsyncIterable<Event>,
  sinks: Sinks,
  options: JsonFaceOptions,
): Promise<FaceResult> {
  const story = new JsonStory(options);
  const write = async (lines: readonly ThreadEvent[]): Promise<void> => {
    for (const line of lines) await sinks.stdout.write(printThreadEvent(line));
  };
  let result: TurnResult | null = null;
  try {
    for await (const event of events) {
      await write(story.tell(event));
      if (event.kind === "turn-ended") result = event.result;
    }
    if (result === null) await write(story.tell({ kind: "turn-ended", result: NO_ENDING }));
  } catch (error) {
    if (isClosed(error)) return { exitCode: 130, lastMessage: story.lastMessage, closed: true };
    if (result === null)
      await write(story.tell({ kind: "turn-ended", result: { kind: "failed", message: words(error) } }));
    throw error;
  }
  const ending = result ?? NO_ENDING;
  return {
    exitCode: exitCodeOf(ending),
    lastMessage: ending.kind === "done" ? ending.text : story.lastMessage,
    closed: false,
  };
}

const words = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Events in, lines out. */
class JsonStory {
  lastMessage: string | null = null;
  readonly #items: ItemStory;
  #used: Usage;
  #calls = 0;
  /** Lines that came before the thread was open. */
  #early: ThreadEvent[] | null = [];

  constructor(options: JsonFaceOptions) {
    this.#items = new ItemStory(options.cwd);
    this.#used = options.used ?? NOTHING_USED;
  }

  tell(event: Event): readonly ThreadEvent[] {
    const lines = this.#lines(event);
    if (this.#early === null) return lines;
    if (event.kind !== "thread-opened" && event.kind !== "turn-ended") {
      this.#early.push(...lines);
      return [];
    }
    const early = this.#early;
    this.#early = null;
    return event.kind === "thread-opened" ? [...lines, ...early] : [...early, ...lines];
  }

  #lines(event: Event): readonly ThreadEvent[] {
    switch (event.kind) {
      case "thread-opened":
        return [{ type: "thread.started", thread_id: event.thread }];
      case "turn-started":
        return [{ type: "turn.started" }];
      case "recorded":
        for (const entry of event.entries) {
          if (entry.kind === "item" && isMessage(entry.item, "assistant")) {
            this.lastMessage = contentText(entry.item.content) || this.lastMessage;
          }
        }
        return this.#items.recorded(event.entries);
      case "text":
      case "reasoning":
      case "call-progress":
        return [];
      case "retried":
        return [{ type: "error", message: retryText(event) }];
      case "call-started":
        this.#calls++;
        return this.#items.callStarted(event.call, event.title);
      case "call-finished":
        if (!this.#items.isOpen(event.call)) this.#calls++;
        return this.#items.callFinished(event);
      case "fold-started":
        return this.#items.foldStarted(event);
      case "fold-finished":
        return this.#items.foldFinished(event);
      case "used":
        this.#used = addUsage(this.#used, event.usage);
        return [];
      case "notice":
        return this.#items.notice(event.text);
      case "turn-ended":
        return [...this.#items.close(), this.#ending(event.result)];
      default:
        return event satisfies never;
    }
  }

  #ending(result: TurnResult): ThreadEvent {
    switch (result.kind) {
      case "done":
        return { type: "turn.completed", usage: this.#usage(), tool_calls: this.#calls };
      case "stopped": {
        const stopped = { limit: result.limit, message: result.message };
        return { type: "turn.completed", usage: this.#usage(), tool_calls: this.#calls, stopped };
      }
      case "context-full":
        return { type: "turn.failed", error: { message: result.message, parts: result.parts } };
      case "failed":
      case "interrupted":
        return { type: "turn.failed", error: { message: result.message } };
      default:
        return result satisfies never;
    }
  }

  #usage() {
    return {
      input_tokens: this.#used.inputTokens,
      cached_input_tokens: this.#used.cachedTokens,
      cache_write_input_tokens: this.#used.cacheWriteTokens,
      output_tokens: this.#used.outputTokens,
      reasoning_output_tokens: this.#used.reasoningTokens,
    };
  }
}
