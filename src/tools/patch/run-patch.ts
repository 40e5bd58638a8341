/**
 * Run patch: from the text of a patch to changed files, and the words for the model.
 *
 * Owns        the answer's text and the order of its lines.
 * Invariants  1. Everything is parsed and placed in memory before the first write.
 *             2. An answer that says "not applied" says what was written; mostly nothing.
 *             3. Patches run one at a time: each is placed in the files as the one before has left them.
 */
import { relative } from "node:path";
import type { ToolAnswer } from "../../engine/ports.ts";
import { holdsPlaceholder } from "../../policy/secrets.ts";
import type { FileChange } from "../../thread/entry.ts";
import { changeLine } from "./change-line.ts";
import { type Operation, parsePatch } from "./parse-patch.ts";
import { planPatch } from "./plan-patch.ts";
import { writeFiles } from "./write-files.ts";

const NOTHING = "Nothing was written.";
/** Most files named in an answer. */
const SHOWN_FILES = 200;

/**
 * Apply a patch to the files under `cwd`, or say why not.
 *
 * @effects writes, moves and deletes the files it names; aborted before the first write it changes nothing.
 */
export function runPatch(text: string, cwd: string, signal?: AbortSignal): Promise<ToolAnswer> {
  const answer = before.then(() => runAlone(text, cwd, signal));
  before = answer.catch(() => {});
  return answer;
}

/** The newest patch so far; the next one waits for it (invariant 3). */
let before: Promise<unknown> = Promise.resolve();

async function runAlone(text: string, cwd: string, signal: AbortSignal | undefined): Promise<ToolAnswer> {
  const parsed = parsePatch(text);
  if (parsed.kind === "bad") return refuse(`line ${parsed.line} of the patch: ${parsed.message}. ${NOTHING}`);
  const secret = addedPlaceholder(parsed.operations);
  if (secret !== null) return refuse(secret);

  const plan = await planPatch(parsed.operations, cwd);
  if (plan.kind === "problems") {
    const { problems } = plan;
    const [only] = problems as [string, ...string[]];
    const list = problems.length === 1 ? only : `${problems.length} things are in the way.\n${problems.join("\n")}`;
    return refuse(`${list}\n${NOTHING} Send the whole patch again with the lines as the files hold them.`);
  }
  if (signal?.aborted) return refuse(`interrupted. ${NOTHING}`);
  const written = await writeFiles(plan.writes);
  if (written.kind === "written") return applied(plan.changes);
  const done = written.done.map((path) => relative(cwd, path) || path);
  return refuse(
    done.length === 0
      ? `${written.problem} ${NOTHING}`
      : `${written.problem} Already changed: ${done.slice(0, SHOWN_FILES).join(", ")}. The other files are as they were.`,
  );
}

const ORDER: readonly FileChange["change"][] = ["add", "update", "delete"];

function applied(changes: readonly FileChange[]): ToolAnswer {
  const files = ORDER.flatMap((kind) => changes.filter(({ change }) => change === kind));
  const lines = files.slice(0, SHOWN_FILES).map(changeLine);
  if (files.length > SHOWN_FILES) lines.push(`… and ${files.length - SHOWN_FILES} more`);
  return { output: ["Patch applied:", ...lines].join("\n"), result: { ok: true, files } };
}

const refuse = (why: string): ToolAnswer => ({ output: `Patch not applied: ${why}`, result: { ok: false } });

/** The model saw a masked secret and would write the mask over it. */
function addedPlaceholder(operations: readonly Operation[]): string | null {
  for (const operation of operations) {
    if (operation.kind === "delete") continue;
    const added =
      operation.kind === "add"
        ? operation.lines
        : operation.hunks.flatMap(({ lines }) => lines.filter(({ mark }) => mark === "+").map(({ text }) => text));
    const held = added.find(holdsPlaceholder);
    if (held === undefined) continue;
    const [placeholder] = /\[secret:[\w.-]+\]/.exec(held) as RegExpExecArray;
    return `an added line of ${operation.path} holds ${placeholder}, which stands for a secret you cannot see. ${NOTHING} Leave that line untouched (as a context line it is kept as it is), or have the code read the secret from an environment variable.`;
  }
  return null;
}
