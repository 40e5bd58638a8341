/** write_stdin: types into a session, or asks it for new output. */
import type { Tool } from "../engine/ports.ts";
import { oneLine } from "../kit/cut.ts";
import { readArguments } from "./arguments.ts";
import { clamp, outputTokens, refuse } from "./exec-command.ts";
import type { Sessions } from "./sessions.ts";

const SHAPE = {
  session_id: "integer",
  chars: "string?",
  yield_time_ms: "number?",
  max_output_tokens: "number?",
} as const;

const PARAMETERS = {
  type: "object",
  properties: {
    session_id: { type: "integer" },
    chars: { type: "string", description: "Text to type, line breaks included; \\u0003 is Ctrl-C. Empty: only wait." },
    yield_time_ms: { type: "number", description: "Wait so long; default 250, or 5000 (up to 300000) without chars." },
    max_output_tokens: { type: "number" },
  },
  required: ["session_id"],
};

const INTERRUPT = "\u0003";

export const writeStdin = (sessions: Sessions): Tool => ({
  spec: {
    type: "function",
    name: "write_stdin",
    description: "Type into a running session, or wait for it. Answers with the output that is new.",
    parameters: PARAMETERS,
    strict: false,
  },
  parallel: false,
  describe(input) {
    const read = readArguments(input, SHAPE);
    if (!read.ok) return oneLine(input, 120);
    const { session_id: number, chars = "" } = read.values;
    const command = sessions.find(number)?.line ?? "";
    const what = chars === "" ? `wait for session ${number}` : `session ${number} < ${JSON.stringify(chars)}`;
    return oneLine(command === "" ? what : `${what} (${command})`, 120);
  },
  async run(input, context, signal) {
    const read = readArguments(input, SHAPE);
    if (!read.ok) return refuse(`write_stdin was not run. ${read.message}`);
    const { session_id: number, chars = "", yield_time_ms: asked } = read.values;
    const session = sessions.find(number);
    if (session === null)
      return refuse(`There is no session ${number}: it never was, or has ended. ${sessions.list()}`);
    if (!session.takesInput && chars.replaceAll(INTERRUPT, "") !== "") {
      const how = 'To type into a command, start it with exec_command and "tty": true.';
      return refuse(`Session ${number} takes no input, only \\u0003 (Ctrl-C). ${how}`);
    }
    sessions.use(session);
    // Not awaited: a program that does not read must not hold up the answer.
    if (chars !== "") void session.command.write(chars);
    const ms = chars === "" ? clamp(asked ?? 5000, 250, 300_000) : clamp(asked ?? 250, 250, 30_000);
    await sessions.watch(session, ms, context, signal);
    const tokens = outputTokens(read.values.max_output_tokens, context);
    if (session.command.exit() !== null || !signal.aborted) return sessions.answer(session, { tokens });
    return sessions.answer(session, { tokens, title: "interrupted", note: `[session ${number} goes on]` });
  },
});
