/** `-c a.b=VALUE`: VALUE is TOML where it can be read as that, else text as it was typed. */
import type { Table } from "./layer.ts";

export type Overrides =
  | { readonly kind: "ok"; readonly tables: readonly Table[] }
  | { readonly kind: "invalid"; readonly message: string };

const BARE_KEY = /^\s*([\w-]+(?:\s*\.\s*[\w-]+)*)\s*=/;

/** Read all of them, one table each, in their order. The TOML parser is loaded only for values that need it. */
export async function parseOverrides(pairs: readonly string[]): Promise<Overrides> {
  const tables: Table[] = [];
  for (const pair of pairs) {
    const split = await splitPair(pair);
    if (split === null)
      return { kind: "invalid", message: "-c takes KEY=VALUE, with a key such as model or compaction.guidance" };
    const value = await parseValue(split.value);
    tables.push(split.path.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as Table);
  }
  return { kind: "ok", tables };
}

async function splitPair(pair: string): Promise<{ path: string[]; value: string } | null> {
  const bare = BARE_KEY.exec(pair);
  if (bare?.[1] !== undefined) {
    return { path: bare[1].split(".").map((name) => name.trim()), value: pair.slice(bare[0].length) };
  }
  // A name in quotes may hold the sign itself: the first one up to which it reads as a key is meant.
  const { parse } = await import("smol-toml");
  for (let at = pair.indexOf("="); at >= 0; at = pair.indexOf("=", at + 1)) {
    const path = pathOf(() => parse(`${pair.slice(0, at)} = 0`));
    if (path !== null) return { path, value: pair.slice(at + 1) };
  }
  return null;
}

function pathOf(parse: () => unknown): string[] | null {
  try {
    const path: string[] = [];
    for (let at = parse(); typeof at === "object" && at !== null; ) {
      const [entry, ...others] = Object.entries(at);
      if (entry === undefined || others.length > 0) return null;
      path.push(entry[0]);
      at = entry[1];
    }
    return path;
  } catch {
    return null;
  }
}

async function parseValue(typed: string): Promise<unknown> {
  const text = typed.trim();
  if (text === "true" || text === "false") return text === "true";
  if (/^(?:0|[1-9]\d{0,14})$/.test(text)) return Number(text);
  if (/^"[^"\\\p{Cc}]*"$/u.test(text)) return text.slice(1, -1);
  // Nothing in TOML begins with a letter, but for true, false, inf and nan.
  if (text === "" || /^(?!inf$|nan$)[A-Za-z]/.test(text)) return typed;
  const { parse } = await import("smol-toml");
  try {
    const parsed = parse(`value = ${typed}`);
    return Object.keys(parsed).length === 1 ? parsed.value : typed;
  } catch {
    return typed;
  }
}
