/**
 * apply_patch: the tool with which the model changes files.
 *
 * Owns        the tool's words and its grammar.
 * Is not      the format's parser (./patch/parse-patch.ts), which takes somewhat more than the grammar allows.
 */
import type { Tool } from "../engine/ports.ts";
import { oneLine } from "../kit/cut.ts";
import { isRecord } from "../wire/item.ts";
import type { ToolSpec } from "../wire/request.ts";
import { changeLine } from "./patch/change-line.ts";
import { type Operation, parsePatch } from "./patch/parse-patch.ts";

const GRAMMAR = `start: BEGIN operation+ END
operation: add | remove | update
add: "*** Add File: " PATH LF ADDED*
remove: "*** Delete File: " PATH LF
update: "*** Update File: " PATH LF (move hunk* | first_hunk hunk*)
move: "*** Move to: " PATH LF
first_hunk: AT? line+ EOF_MARK?
hunk: AT line+ EOF_MARK?
line: KEPT | REMOVED | ADDED
BEGIN: "*** Begin Patch\\n"
END: /\\*\\*\\* End Patch\\n?/
EOF_MARK: "*** End of File\\n"
AT: /@@( [^\\n]+)?\\n/
KEPT: / [^\\n]*\\n/
REMOVED: /-[^\\n]*\\n/
ADDED: /\\+[^\\n]*\\n/
PATH: /[^\\n]+/
LF: "\\n"
`;

const ABOUT = `Change files with a patch. All files of a patch are changed together or none is.
*** Begin Patch
*** Add File: path/new.txt
+every line of the new file
*** Update File: path/old.txt
*** Move to: path/renamed.txt
@@ a line above the change, such as the function's head
 a line that stays
-a line that goes
+a line that comes
*** Delete File: path/gone.txt
*** End Patch
"*** Move to" and the text after "@@" may be left out. Give about three lines that stay above and below each change, exactly as the file has them; where those are not unique, name a line above after "@@". Hunks stand in the order of the file. "*** End of File" as a hunk's last line ties it to the file's end.`;

const CUSTOM: ToolSpec = {
  type: "custom",
  name: "apply_patch",
  description: `${ABOUT} The input is the patch itself, not JSON.`,
  format: { type: "grammar", syntax: "lark", definition: GRAMMAR },
};

const FUNCTION: ToolSpec = {
  type: "function",
  name: "apply_patch",
  description: ABOUT,
  parameters: {
    type: "object",
    properties: { patch: { type: "string", description: "The whole patch, from *** Begin Patch to *** End Patch." } },
    required: ["patch"],
    additionalProperties: false,
  },
  strict: false,
};

/**
 * The tool, as a custom one with a grammar or as a function with one text.
 * Either takes the other's input as well: models mix them up.
 */
export function createApplyPatch({ form }: { readonly form: "custom" | "function" }): Tool {
  return {
    spec: form === "custom" ? CUSTOM : FUNCTION,
    parallel: false,
    readsPlaceholders: true,
    describe,
    async run(input, { cwd }, signal) {
      const patch = patchText(input);
      if (patch !== null) {
        const { runPatch } = await import("./patch/run-patch.ts"); // not before the first patch
        return runPatch(patch, cwd, signal);
      }
      const output = `Patch not applied: the arguments must be {"patch": "*** Begin Patch\\n…\\n*** End Patch"}. Nothing was written.`;
      return { output, result: { ok: false } };
    },
  };
}

/** The patch in a call's input; null when there is none. */
function patchText(input: string): string | null {
  if (!input.trimStart().startsWith("{")) return input;
  try {
    const value: unknown = JSON.parse(input);
    const patch = isRecord(value) ? (value.patch ?? value.input) : null;
    return typeof patch === "string" ? patch : null;
  } catch {
    return null;
  }
}

function describe(input: string): string {
  const parsed = parsePatch(patchText(input) ?? "");
  if (parsed.kind === "bad") return "patch that cannot be read";
  return oneLine(parsed.operations.map(titleOf).join(", "), 200);
}

function titleOf(operation: Operation): string {
  const { path, kind: change } = operation;
  const movedTo = operation.kind === "update" ? operation.movedTo : null;
  return changeLine({ path, change, ...(movedTo === null ? {} : { movedTo }) });
}
