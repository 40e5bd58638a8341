/**
 * Narrow: what a project's own file may say.
 *
 * Owns        the line between what a cloned repository decides and what only the user does.
 * Invariants  1. A key that is not named here has no effect from a project's file.
 *             2. After it, commands can do no more than before.
 */
import type { KeyValue } from "./layer.ts";

/** May this value stand over the one that holds so far? */
type Rule = (value: unknown, current: unknown) => boolean;

const free: Rule = () => true;
const noWiderThan =
  (...narrowToWide: readonly string[]): Rule =>
  (value, current) =>
    narrowToWide.indexOf(value as string) <=
    narrowToWide.indexOf((current as string | undefined) ?? narrowToWide[0] ?? "");
const only =
  (narrow: boolean): Rule =>
  (value, current) =>
    value === narrow || value === current;

const RULES: Readonly<Record<string, Rule>> = {
  model: free,
  model_context_window: free,
  model_auto_compact_token_limit: free,
  model_reasoning_effort: free,
  model_reasoning_summary: free,
  project_doc_max_bytes: free,
  project_doc_fallback_filenames: free,
  tool_output_token_limit: free,
  developer_instructions: free,
  compact_prompt: free,
  compaction: free,
  sandbox_mode: noWiderThan("read-only", "workspace-write", "danger-full-access"),
  approval_policy: noWiderThan("untrusted", "on-request", "on-failure", "never"),
  web_search: noWiderThan("disabled", "cached", "indexed", "live"),
  "sandbox_workspace_write.network_access": only(false),
  "sandbox_workspace_write.exclude_slash_tmp": only(true),
  "sandbox_workspace_write.exclude_tmpdir_env_var": only(true),
  "sandbox.allow_network": (value, current) => value === false || isPartOf(value, current),
};

/** Fewer domains than all, or some of those that are allowed. */
const isPartOf = (value: unknown, current: unknown): boolean =>
  value === current ||
  (Array.isArray(value) &&
    (current === true || (Array.isArray(current) && value.every((one) => current.includes(one)))));

/**
 * Take from a project's file what it may say.
 *
 * @param current the value that holds so far for a path, defaults included
 * @returns       what stands, and one sentence for each key that does not
 */
export function narrow(
  values: readonly KeyValue[],
  file: string,
  current: (path: readonly string[]) => unknown,
): { values: KeyValue[]; warnings: string[] } {
  const kept: KeyValue[] = [];
  const warnings = new Set<string>();
  for (const said of values) {
    const [top = "", second = ""] = said.path;
    const key = top in RULES ? top : `${top}.${second}`;
    const rule = RULES[key];
    if (rule?.(said.value, current(said.path))) kept.push(said);
    else if (rule) warnings.add(`"${key}" in ${file} is ignored: a project may narrow what you allow, never widen it`);
    else
      warnings.add(
        `"${top === "sandbox" || top.startsWith("sandbox_") ? key : top}" in ${file} is ignored: only your own config may set it`,
      );
  }
  return { values: kept, warnings: [...warnings] };
}
