/** A process that writes the lines of a turn that never ends, for ./stream-sink.test.ts. */
import type { Event } from "../../src/engine/event.ts";
import { runJsonFace } from "../../src/exec/json-face.ts";
import { streamSink } from "../../src/exec/stream-sink.ts";
import { opened, says } from "./support.ts";

async function* endless(): AsyncGenerator<Event> {
  yield opened;
  for (;;) {
    yield says("more ".repeat(100));
    await new Promise(setImmediate);
  }
}

const sinks = { stdout: streamSink(process.stdout), stderr: streamSink(process.stderr) };
process.exitCode = (await runJsonFace(endless(), sinks, { cwd: "/" })).exitCode;
