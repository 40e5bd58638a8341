/** The log of a thread that leaves nothing behind (`--ephemeral`). */
import type { Entry } from "../thread/entry.ts";
import { checkBatch } from "./batch.ts";
import type { OpenLog } from "./jsonl-log.ts";

/** Begin a log that lives as long as the process; nothing is written to the disk. */
export function openMemoryLog(): OpenLog {
  const entries: Entry[] = [];
  let isClosed = false;
  const checkOpen = (): void => {
    if (isClosed) throw new TypeError("Cannot use log: it is closed");
  };
  return {
    path: null,
    dropped: null,
    tookOver: null,
    get lastSeq() {
      return entries.length;
    },
    append(batch) {
      checkOpen();
      checkBatch(batch, entries.length);
      for (const entry of batch) entries.push(entry);
    },
    async *read(from) {
      checkOpen();
      yield* entries.slice(Math.max(0, from - 1));
    },
    close() {
      isClosed = true;
    },
  };
}
