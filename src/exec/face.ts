/** Face: what the two ways of showing a turn have in common: where they write, and what they hand back. */
import type { TurnResult } from "../engine/event.ts";

/** A place to write to. A promise means "full": wait for it. Throws or rejects when the other end is gone. */
export interface Sink {
  write(text: string): void | Promise<void>;
  readonly isTTY: boolean;
  /** Width of the terminal; undefined when it is none. */
  readonly columns: number | undefined;
}

export interface Sinks {
  readonly stdout: Sink;
  readonly stderr: Sink;
}

export type ExitCode = 0 | 1 | 130;

export interface FaceResult {
  readonly exitCode: ExitCode;
  /** The final message; when the turn did not end well, the last one there was, or null. */
  readonly lastMessage: string | null;
  /** Nobody reads stdout any more: the face left before the turn ended, and whoever runs the turn should stop it. */
  readonly closed: boolean;
}

/** What a process that ran this turn exits with. */
export function exitCodeOf(result: TurnResult): ExitCode {
  switch (result.kind) {
    case "done":
    case "stopped":
      return 0;
    case "failed":
    case "context-full":
      return 1;
    case "interrupted":
      return 130;
    default:
      return result satisfies never;
  }
}

/** For a stream of events that ends without a `turn-ended`. */
export const NO_ENDING: TurnResult = { kind: "failed", message: "The turn ended without a result." };

/** Is this the error of writing to something that nobody reads any more? */
export function isClosed(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : "";
  return code === "EPIPE" || code === "ERR_STREAM_DESTROYED" || code === "ERR_STREAM_WRITE_AFTER_END";
}
