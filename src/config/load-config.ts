/**
 * Load config: from files, environment, `-c` and flags to one frozen value.
 *
 * Owns        the order: defaults, the user's file, the project's file (narrowed), environment, `-c`, flags; the later wins.
 * Invariants  1. Never throws for what is written somewhere: that is `invalid`, one sentence.
 *             2. Reads, never writes: a home that does not exist or is read-only is fine here.
 */
import { join } from "node:path";
import type { Config } from "./config.ts";
import { type ConfigFile, readConfigFile } from "./config-file.ts";
import { readLayer, type Table } from "./layer.ts";
import { Layers } from "./layers.ts";
import { narrow } from "./narrow.ts";
import { parseOverrides } from "./overrides.ts";
import { CONFIG_FILE, type Env, godwitHome, projectConfig } from "./places.ts";

export interface ConfigSources {
  readonly cwd: string;
  readonly env: Env;
  /** @default from the environment: GODWIT_HOME, else `.godwit` in HOME */
  readonly home?: string;
  /** KEY=VALUE each, as `-c` takes them, in order. */
  readonly overrides?: readonly string[];
  /** Values that a flag gave, by key; undefined = not given. */
  readonly flags?: Readonly<Record<string, unknown>>;
  /** Refuse unknown keys. */
  readonly strict?: boolean;
}

export type LoadedConfig =
  /** `warnings` are sentences for people, in the order of the sources. */
  | { readonly kind: "ok"; readonly config: Config; readonly warnings: readonly string[] }
  | { readonly kind: "invalid"; readonly message: string };

/** Variables that stand for a key. */
const VARIABLES: Readonly<Record<string, string>> = {
  GODWIT_MODEL: "model",
  GODWIT_MODEL_PROVIDER: "model_provider",
  OPENAI_BASE_URL: "openai_base_url",
};

/** Flags whose name is not that of their key. */
const FLAGS: Readonly<Record<string, string>> = { sandbox_mode: "--sandbox" };

/** @effects reads at most two files, synchronously; loads the TOML parser only where there is something to parse */
export async function loadConfig(sources: ConfigSources): Promise<LoadedConfig> {
  const home = sources.home ?? godwitHome(sources.env, sources.cwd);
  const gathered = new Gathered();

  const userFile = join(home, CONFIG_FILE);
  const user = await readConfigFile(userFile);
  if (user.kind === "invalid") return invalid(homeTrouble(user, home));
  if (user.kind === "ok") gathered.take(user.table, userFile);

  const projectFile = projectConfig(sources.cwd, home);
  if (projectFile !== null) {
    const project = await readConfigFile(projectFile);
    if (project.kind === "invalid") return invalid(project.message);
    if (project.kind === "ok") gathered.take(project.table, projectFile, "narrowed");
  }

  const overrides = await parseOverrides(sources.overrides ?? []);
  if (overrides.kind === "invalid") return overrides;
  for (const [name, key] of Object.entries(VARIABLES)) {
    if (sources.env[name]) gathered.take({ [key]: sources.env[name] }, name);
  }
  for (const table of overrides.tables) gathered.take(table, "-c");
  for (const [key, value] of Object.entries(sources.flags ?? {})) {
    if (value !== undefined) gathered.take({ [key]: value }, FLAGS[key] ?? `--${key}`);
  }

  const { layers, unknown, warnings } = gathered;
  const wrong = gathered.wrong ?? layers.providerWithoutAddress() ?? (sources.strict ? unknown[0] : undefined);
  if (wrong !== undefined) return invalid(wrong);
  return { kind: "ok", config: layers.toConfig(home), warnings: [...unknown, ...warnings] };
}

/** What was read so far. */
class Gathered {
  readonly layers = new Layers();
  readonly warnings: string[] = [];
  readonly unknown: string[] = [];
  /** The first sentence about a wrong value. */
  wrong: string | null = null;

  take(table: Table, source: string, how: "whole" | "narrowed" = "whole"): void {
    const layer = readLayer(table, source);
    this.wrong ??= layer.wrong;
    this.unknown.push(...layer.unknown);
    this.warnings.push(...layer.warnings);
    if (how === "whole") return this.layers.add(layer, source);
    const { values, warnings } = narrow(layer.values, source, (path) => this.layers.get(path));
    this.warnings.push(...warnings);
    this.layers.add({ values, tables: [] }, source);
  }
}

const invalid = (message: string): LoadedConfig => ({ kind: "invalid", message });

function homeTrouble({ code, message }: Extract<ConfigFile, { kind: "invalid" }>, home: string): string {
  if (code === "ENOTDIR")
    return `Cannot use "${home}" as home: it is a file, not a folder; set GODWIT_HOME to a folder`;
  if (code === "EACCES" || code === "EPERM")
    return `${message}; make it readable, or set GODWIT_HOME to another folder`;
  return message;
}
