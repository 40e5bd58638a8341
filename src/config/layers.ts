/** Layers laid over each other: each key's newest value and where it came from. */
import { type Config, type ConfigValues, DEFAULTS, TABLES } from "./config.ts";
import { printPath } from "./key-path.ts";
import type { Layer } from "./layer.ts";

interface Said {
  readonly path: readonly string[];
  readonly value: unknown;
  readonly origin: string;
}

export class Layers {
  /** By printed path; the newest are last. */
  readonly #said = new Map<string, Said>();
  readonly #tables: (readonly string[])[] = TABLES.map((name) => [name]);

  constructor() {
    for (const [name, value] of Object.entries(DEFAULTS)) this.#say([name], value, "default");
  }

  add({ values, tables }: Pick<Layer, "values" | "tables">, origin: string): void {
    this.#tables.push(...tables);
    for (const { path, value } of values) this.#say(path, value, origin);
  }

  get(path: readonly string[]): unknown {
    return this.#said.get(printPath(path))?.value;
  }

  /** A sentence about the first provider that has no address; null = all have. */
  providerWithoutAddress(): string | null {
    for (const id of this.#providers()) {
      if (this.get(["model_providers", id, "base_url"]) !== undefined) continue;
      const table = printPath(["model_providers", id]);
      const origin = this.#originOf(table);
      return `Provider "${id}" has no base_url: add it to [${table}]${origin === "default" ? "" : ` in ${origin}`}`;
    }
    return null;
  }

  toConfig(home: string): Config {
    for (const id of this.#providers()) {
      const path = ["model_providers", id, "wire_api"];
      if (this.get(path) === undefined) this.#say(path, "responses", "default");
    }
    const root: Record<string, unknown> = {};
    for (const path of this.#tables) tableAt(root, path);
    for (const { path, value } of this.#said.values()) {
      tableAt(root, path.slice(0, -1))[path.at(-1) as string] = value;
    }
    freeze(root);
    // Every value was checked against its key when its layer was read.
    const values = root as unknown as ConfigValues;
    return Object.freeze({ ...values, home, origin: (path: string) => this.#originOf(path) });
  }

  #say(path: readonly string[], value: unknown, origin: string): void {
    const key = printPath(path);
    // A table may give way to a value and the other way round, where the keys are another room's.
    for (const other of this.#said.keys())
      if (other === key || other.startsWith(`${key}.`) || key.startsWith(`${other}.`)) this.#said.delete(other);
    this.#said.set(key, { path, value, origin });
  }

  #originOf(path: string): string {
    let origin = this.#said.get(path)?.origin ?? "default";
    for (const [key, said] of this.#said)
      if (key.startsWith(`${path}.`) && said.origin !== "default") origin = said.origin;
    return origin;
  }

  #providers(): Set<string> {
    const ids = this.#tables.filter((path) => path[0] === "model_providers" && path.length > 1).map((path) => path[1]);
    return new Set(ids as string[]);
  }
}

function tableAt(root: Record<string, unknown>, path: readonly string[]): Record<string, unknown> {
  let at = root;
  for (const name of path) {
    const inner = Object.hasOwn(at, name) ? at[name] : undefined;
    if (typeof inner !== "object" || inner === null) at[name] = {};
    at = at[name] as Record<string, unknown>;
  }
  return at;
}

function freeze(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  Object.freeze(value);
  for (const inner of Object.values(value)) freeze(inner);
}
