/** Without use: keys and flags that are taken and mean nothing to this version, each told once when it is set. */
import type { Config } from "../config/config.ts";
import type { Options } from "./args.ts";

const ONE_RUNG = "this version folds in one way, by code, and asks no model for it";
const KEYS: Readonly<Record<string, string>> = {
  "compaction.rungs": ONE_RUNG,
  "compaction.guidance": ONE_RUNG,
  "compaction.native": ONE_RUNG,
  "compaction.model": ONE_RUNG,
  "compaction.analysts": ONE_RUNG,
  compact_prompt: ONE_RUNG,
  "compaction.reasoning_between_turns": "this version has one way to treat reasoning between turns",
  "shell_environment_policy.experimental_use_profile":
    "commands run in a plain shell; the model asks for a login shell",
};

/** One sentence for each that is set. */
export function withoutUse(config: Config, options: Options): string[] {
  const keys = Object.entries(KEYS)
    .map(([key, why]) => ({ key, why, origin: config.origin(key) }))
    .filter(({ origin }) => origin !== "default")
    .map(({ key, why, origin }) => `"${key}" in ${origin} has no effect: ${why}`);
  return [...keys, ...flagsWithoutUse(options)];
}

function flagsWithoutUse({ addDirs, yolo, warnings }: Options): string[] {
  const said: string[] = [];
  if (addDirs.length > 0) said.push("--add-dir has no effect: without a sandbox commands may write everywhere.");
  // One sentence is enough where another flag was read as this one.
  if (yolo && !warnings.some((warning) => warning.includes("--yolo")))
    said.push("--yolo has no effect: exec asks for no approval in this version.");
  return said;
}
