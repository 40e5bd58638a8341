/**
 * Layer: what one source says, checked key by key.
 *
 * Owns        the sentences about unknown keys and wrong values.
 * Invariants  1. Every value in `values` is of the type that its key takes.
 *             2. No sentence shows a value that may be a secret.
 */
import { oneLine } from "../kit/cut.ts";
import { nearest } from "../kit/nearest.ts";
import { printPath } from "./key-path.ts";
import { KEYS, type Key, type TableKey, type ValueKey } from "./keys.ts";

export type Table = Readonly<Record<string, unknown>>;

export interface KeyValue {
  readonly path: readonly string[];
  readonly value: unknown;
}

export interface Layer {
  readonly values: readonly KeyValue[];
  /** Tables that were opened, those without a key too. */
  readonly tables: readonly (readonly string[])[];
  readonly unknown: readonly string[];
  readonly warnings: readonly string[];
  /** The first value that is of the wrong type; null = none. */
  readonly wrong: string | null;
}

/**
 * Read what a source says.
 *
 * @param source how people call it: a file's path, `-c`
 */
export function readLayer(root: Table, source: string): Layer {
  const reading = new Reading(source);
  reading.table([], root, KEYS);
  return reading.layer();
}

class Reading {
  readonly #source: string;
  readonly #values: KeyValue[] = [];
  readonly #aliases: (KeyValue & { readonly from: string })[] = [];
  readonly #tables: (readonly string[])[] = [];
  readonly #unknown: string[] = [];
  readonly #warnings: string[] = [];
  #wrong: string | null = null;

  constructor(source: string) {
    this.#source = source;
  }

  layer(): Layer {
    for (const { from, path, value } of this.#aliases) {
      const to = printPath(path);
      this.#warnings.push(
        `"${from}" in ${this.#source} is read as ${to} = ${JSON.stringify(value)}; write that instead`,
      );
      if (!this.#values.some((said) => printPath(said.path) === to)) this.#values.push({ path, value });
    }
    const [values, tables, unknown] = [this.#values, this.#tables, this.#unknown];
    return { values, tables, unknown, warnings: this.#warnings, wrong: this.#wrong };
  }

  table(path: readonly string[], given: Table, { keys }: TableKey): void {
    for (const [name, value] of Object.entries(given)) {
      // Own keys only, and an object of ours never gets a prototype from a file.
      const key = Object.hasOwn(keys, name) && name !== "__proto__" ? keys[name] : undefined;
      if (key === undefined) this.#isUnknown([...path, name], Object.keys(keys));
      else this.#key([...path, name], value, key);
    }
  }

  #key(path: readonly string[], given: unknown, key: Key): void {
    switch (key.kind) {
      case "value":
        if (this.#fits(path, given, key)) this.#values.push({ path, value: given });
        break;
      case "alias":
        if (this.#fits(path, given, key.of))
          this.#aliases.push({ from: printPath(path), path: [key.to], value: key.toValue(given) });
        break;
      case "foreign":
        if (key.hint !== undefined)
          this.#warnings.push(`"${printPath(path)}" in ${this.#source} is ignored: ${key.hint}`);
        break;
      case "table":
      case "each":
      case "open":
        if (!isTable(given)) this.#isWrong(path, "a table", given);
        else this.#inside(path, given, key);
        break;
      default:
        key satisfies never;
    }
  }

  #inside(path: readonly string[], given: Table, key: Exclude<Key, { kind: "value" | "alias" | "foreign" }>): void {
    this.#tables.push(path);
    if (key.kind === "table") return this.table(path, given, key);
    for (const [name, value] of Object.entries(given)) {
      const inner = [...path, name];
      if (name === "__proto__") this.#isUnknown(inner, []);
      else if (key.kind === "each") this.#key(inner, value, key.of);
      else if (isTable(value)) this.#inside(inner, value, key);
      else this.#values.push({ path: inner, value: plain(value) });
    }
  }

  #fits(path: readonly string[], given: unknown, key: ValueKey): boolean {
    if (key.accepts(given)) return true;
    this.#isWrong(path, key.expects, key.isSecret ? undefined : given);
    return false;
  }

  #isWrong(path: readonly string[], expects: string, given: unknown): void {
    const got = given === undefined ? "" : `, got ${wordsFor(given)}`;
    this.#wrong ??= `Wrong value for "${printPath(path)}" in ${this.#source}: expected ${expects}${got}`;
  }

  #isUnknown(path: readonly string[], names: readonly string[]): void {
    const meant = nearest(path.at(-1) ?? "", names);
    const hint = meant === null ? "" : `, did you mean "${printPath([...path.slice(0, -1), meant])}"?`;
    this.#unknown.push(`Unknown key "${printPath(path)}" in ${this.#source}${hint}`);
  }
}

const isTable = (value: unknown): value is Table =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);

/** Dates as text, and nothing inside that remembers how it was parsed. */
const plain = (value: unknown): unknown => (value === undefined ? null : JSON.parse(JSON.stringify(value)));

function wordsFor(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(oneLine(value, 60));
  if (Array.isArray(value)) return "a list";
  if (value instanceof Date) return "a date";
  return typeof value === "object" ? "a table" : String(value);
}
