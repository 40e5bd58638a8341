/** Folded: the parts of a memory that need nothing but themselves. */
import type { Checkpoint } from "../thread/thread.ts";

/** A checkpoint without what its log entry adds. */
export type Folded = Omit<Checkpoint, "seq" | "items">;

/** A constraint of the user's, word for word. */
export interface Pin {
  readonly seq: number;
  readonly text: string;
  /** Entry that lifted it. */
  readonly lifted?: number;
}
