/**
 * Fly: one turn on wired ports, shown by a face.
 *
 * Owns        interruption (Ctrl-C once stops the turn, twice kills everything) and what is cleaned up at the end.
 */
import { rmSync } from "node:fs";
import type { OpenLog } from "../archive/jsonl-log.ts";
import type { Event, TurnResult } from "../engine/event.ts";
import { openSession, type Session } from "../engine/session.ts";
import { runTurn } from "../engine/turn.ts";
import type { Said } from "../engine/turn-ends.ts";
import type { FaceResult, Sinks } from "../exec/face.ts";
import { streamSink } from "../exec/stream-sink.ts";
import { oneLine } from "../kit/cut.ts";
import type { Options } from "./args.ts";
import type { Composed, Wish } from "./compose.ts";
import { writeLastMessage } from "./last-message.ts";

export interface Flight {
  readonly wish: Wish;
  readonly words: readonly Said[];
  readonly options: Options;
  readonly log: OpenLog;
}

/** Run one turn on composed ports and show it. */
export async function fly(composed: Composed & { kind: "ok" }, flight: Flight): Promise<number> {
  const { ports, setup, run } = composed;
  const { options, wish, log } = flight;
  const stop = new AbortController();
  const onSignal = () => {
    if (stop.signal.aborted) process.exit(130); // onExit kills and tidies up
    stop.abort();
  };
  const dropSpill = () => {
    if (options.ephemeral) rmSync(wish.spillDir, { recursive: true, force: true });
  };
  const onExit = () => {
    run.killAllNow();
    dropSpill();
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  process.on("exit", onExit);
  let face: FaceResult;
  try {
    const session = await openSession(ports, setup);
    if (log.dropped)
      process.stderr.write(`godwit: a torn last line of ${log.dropped.bytes} bytes was dropped from the log\n`);
    if (log.tookOver) await tellTakeover(log.tookOver.pid);
    for (const warning of session.warnings) process.stderr.write(`godwit: ${warning}\n`);
    const sinks: Sinks = { stdout: streamSink(process.stdout), stderr: streamSink(process.stderr) };
    face = await show(told(session, flight, stop), { session, sinks, flight });
    for (const command of run.commands())
      process.stderr.write(`godwit: ended with the turn: ${oneLine(command, 120)}\n`);
  } finally {
    // Also when something above throws, no command and no file of this turn stays.
    stop.abort();
    await run.close();
    dropSpill();
    process.off("exit", onExit);
    for (const name of SIGNALS) process.off(name, onSignal);
  }
  const isWritten = writeLastMessage(options.outputLastMessage, face.lastMessage);
  return isWritten ? face.exitCode : face.exitCode || 1;
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Say whose log this was, and what that process could not end when it was killed. */
async function tellTakeover(pid: number): Promise<void> {
  process.stderr.write(`godwit: took over the log from process ${pid}, which is gone\n`);
  const { straysOf } = await import("../sandbox/strays.ts");
  const strays = straysOf(pid);
  if (strays.length === 0) return;
  const list = strays.map(({ pid, command }) => `${pid} (${command})`).join(", ");
  process.stderr.write(`godwit: what its commands started still runs: ${list}; kill what is not wanted\n`);
}

/** The events of the turn. A face that stops listening stops the turn; it is then played to its end, so that all is recorded. */
async function* told(session: Session, { words }: Flight, stop: AbortController): AsyncGenerator<Event, TurnResult> {
  yield {
    kind: "thread-opened",
    thread: session.thread.open?.thread ?? session.setup.thread,
    resumed: session.isResumed,
  };
  const turn = runTurn(session, words, stop.signal);
  let next: IteratorResult<Event, TurnResult> | null = null;
  try {
    for (;;) {
      next = await turn.next();
      if (next.done) return next.value;
      yield next.value;
    }
  } finally {
    if (!next?.done) stop.abort();
    while (next && !next.done) next = await turn.next();
  }
}

async function show(
  events: AsyncIterable<Event>,
  { session, sinks, flight }: { session: Session; sinks: Sinks; flight: Flight },
): Promise<FaceResult> {
  const { options, wish } = flight;
  if (options.json) {
    const { runJsonFace } = await import("../exec/json-face.ts");
    return runJsonFace(events, sinks, { cwd: wish.cwd, used: session.usedBefore });
  }
  const { runTextFace } = await import("../exec/text-face.ts");
  const header = { model: wish.model, provider: wish.provider.name, cwd: wish.cwd, sandbox: wish.sandbox };
  return runTextFace(events, sinks, { header, window: session.thread.window, color: options.color, env: process.env });
}
