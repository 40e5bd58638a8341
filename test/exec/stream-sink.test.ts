/** A sink on a real stream: pipes that are full, and pipes whose other end is gone. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { isClosed } from "../../src/exec/face.ts";
import { streamSink } from "../../src/exec/stream-sink.ts";

test("a write to a full stream waits until it is read", async () => {
  const stream = new PassThrough({ highWaterMark: 4 });
  const sink = streamSink(stream);
  assert.equal(sink.isTTY, false);
  assert.equal(sink.write("ab"), undefined);
  let isDone = false;
  const waiting = Promise.resolve(sink.write("cdef")).then(() => {
    isDone = true;
  });
  await new Promise(setImmediate);
  assert.equal(isDone, false);
  let text = "";
  stream.on("data", (piece) => {
    text += piece;
  });
  await waiting;
  assert.equal(text, "abcdef");
});

test("a stream that closes while a write waits rejects it as closed", async () => {
  const stream = new PassThrough({ highWaterMark: 1 });
  const sink = streamSink(stream);
  const waiting = sink.write("abc");
  stream.destroy();
  await assert.rejects(Promise.resolve(waiting), isClosed);
  assert.throws(() => sink.write("more"), isClosed);
});

test("a process whose reader leaves ends by itself with 130 and says nothing", { timeout: 30_000 }, async (t) => {
  const child = spawn(process.execPath, [new URL("./endless-face.ts", import.meta.url).pathname], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  t.after(() => child.kill("SIGKILL"));
  const closed = once(child, "close");
  let complaints = "";
  child.stderr.on("data", (piece: Buffer) => {
    complaints += piece;
  });
  child.stdout.once("data", () => child.stdout.destroy());
  assert.deepEqual([await closed, complaints], [[130, null], ""]);
});
