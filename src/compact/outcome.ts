/** Outcome: how a call ended, from what code recorded or else from the text that every agent prints differently. */
import type { CallResult } from "../thread/entry.ts";

export interface Outcome {
  readonly ok: boolean;
  readonly exit: number | null;
  /** Session of a command that goes on. */
  readonly running: number | null;
}

const EXIT = /^(?:exit code|Exit code:?|Process exited with code|\[?exit status:?|returncode:?)\s*(-?\d+)/im;
const RUNNING = /^(?:still running as session|Process running with session ID)\s*(\d+)/im;
const ENDED_BADLY = /^(?:killed by|interrupted|Error:|error:|Patch not applied|<tool_use_error>|fatal:)/;

/** The outcome of a call with this output. `text` needs to hold only the head of it. */
export function outcomeOf(text: string, result?: CallResult): Outcome {
  if (result) return { ok: result.ok, exit: result.exit ?? null, running: result.running ?? null };
  const head = typeof text === "string" ? text.slice(0, 400) : ""; // a log may hold anything
  const running = RUNNING.exec(head);
  if (running) return { ok: true, exit: null, running: Number(running[1]) };
  const exit = EXIT.exec(head);
  if (exit) return { ok: exit[1] === "0", exit: Number(exit[1]), running: null };
  return { ok: !ENDED_BADLY.test(head.trimStart()), exit: null, running: null };
}

const RED =
  /--- FAIL|^FAIL\b|\bFAILED\b|^not ok \d|\b[1-9]\d* (?:failed|failing|failures?)\b|^# fail [1-9]|ℹ fail [1-9]|\b[1-9]\d* errors?\b|error TS\d|^error(\[|:)|^E {3}|Traceback/m;
const GREEN = /\bpass(ed|ing)?\b|^ok\b|\b0 (failed|failures?|errors?)\b|✓|no issues|All checks passed|^PASS\b/im;
const NAMES = /(?:^|\s)(?:--- FAIL: |FAILED |✗ |✖ |× |FAIL: |not ok \d+ - |● )([^\n]{3,160})/g;

/** What the output of a check says of it, where the exit code does not tell. */
export function verdictOf(text: string): "passed" | "failed" | null {
  return RED.test(text) ? "failed" : GREEN.test(text) ? "passed" : null;
}

/** Names of the tests that failed, as the runner printed them; at most `most`. */
export function failingNames(text: string, most = 12): string[] {
  const names = new Set<string>();
  for (const match of text.matchAll(NAMES)) {
    const name = (match[1] as string).replace(/\s*\([\d.]+ ?m?s\)\s*$/, "").trim();
    if (names.size < most && !/^(failing tests|tests?):?$/i.test(name)) names.add(name);
  }
  return [...names];
}
