/** Stream sink: a Node stream, such as process.stdout, as a place a face can write to. */
import type { Writable } from "node:stream";
import type { Sink } from "./face.ts";

/**
 * Wrap a stream. A write waits while the stream is full and throws once the stream has failed,
 * so that the next write after a broken pipe tells of it.
 *
 * @effects adds an `error` listener for the life of the stream.
 */
export function streamSink(stream: Writable & { readonly isTTY?: boolean; readonly columns?: number }): Sink {
  let failure: Error | null = null;
  stream.on("error", (error: Error) => {
    failure = error;
  });
  const failed = (): Error => failure ?? Object.assign(new Error("The stream is closed"), { code: "EPIPE" });
  return {
    isTTY: stream.isTTY === true,
    get columns() {
      return stream.columns;
    },
    write(text) {
      if (failure !== null || stream.destroyed) throw failed();
      if (stream.write(text)) return;
      return new Promise<void>((resolve, reject) => {
        const settle = (): void => {
          for (const name of ["drain", "error", "close"]) stream.off(name, settle);
          if (failure === null && !stream.destroyed) resolve();
          else reject(failed());
        };
        for (const name of ["drain", "error", "close"]) stream.on(name, settle);
      });
    },
  };
}
