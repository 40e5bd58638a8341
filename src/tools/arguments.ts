/**
 * Arguments: reads what a model wrote as the arguments of a function, and says in one sentence what is wrong with it.
 *
 * Is not      a schema validator: a shape names fields and kinds, a tool checks the rest itself.
 * Invariants  1. Never throws, whatever the input.
 *             2. Unknown keys are ignored; null stands for "not given".
 *
 *   readArguments('{"cmd":"ls"}', { cmd: "string", tty: "boolean?" })  ->  { ok: true, values: { cmd: "ls" } }
 */
interface Kinds {
  string: string;
  integer: number;
  number: number;
  boolean: boolean;
  list: readonly unknown[];
}
type Kind = keyof Kinds;

/** The kind of each field; with a question mark it may be left out. */
export type Shape = Readonly<Record<string, Kind | `${Kind}?`>>;

export type Values<S extends Shape> = {
  readonly [K in keyof S as S[K] extends Kind ? K : never]: S[K] extends Kind ? Kinds[S[K]] : never;
} & {
  readonly [K in keyof S as S[K] extends Kind ? never : K]?: S[K] extends `${infer N extends Kind}?` ? Kinds[N] : never;
};

export type Arguments<S extends Shape> =
  | { readonly ok: true; readonly values: Values<S> }
  | { readonly ok: false; readonly message: string };

const WORDS: Readonly<Record<Kind, string>> = {
  string: "a string",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  list: "a list",
};

/**
 * Read the arguments of a function call.
 *
 * @param input JSON text as the model wrote it; empty text counts as no arguments.
 * @returns     the values, or a sentence for the model that names the field and what is expected there.
 */
export function readArguments<S extends Shape>(input: string, shape: S): Arguments<S> {
  let object: unknown;
  try {
    object = input.trim() === "" ? {} : JSON.parse(input);
  } catch (error) {
    const why = error instanceof Error ? error.message : "it cannot be parsed";
    return {
      ok: false,
      message: `The arguments are not valid JSON (${why}); expected one object with ${fields(shape)}.`,
    };
  }
  if (typeof object !== "object" || object === null || Array.isArray(object)) {
    return {
      ok: false,
      message: `The arguments are ${nameOf(object)}; expected one JSON object with ${fields(shape)}.`,
    };
  }
  const values: Record<string, unknown> = {};
  for (const [name, kindText] of Object.entries(shape)) {
    const kind = kindText.replace("?", "") as Kind;
    const value = Object.hasOwn(object, name) ? (object as Record<string, unknown>)[name] : undefined;
    if (value === undefined || value === null) {
      if (kindText.endsWith("?")) continue;
      return { ok: false, message: `"${name}" is missing; expected ${WORDS[kind]}.` };
    }
    if (!isKind(value, kind)) {
      return { ok: false, message: `"${name}" is ${nameOf(value)}; expected ${WORDS[kind]}.` };
    }
    values[name] = value;
  }
  return { ok: true, values: values as Values<S> };
}

function isKind(value: unknown, kind: Kind): boolean {
  if (kind === "list") return Array.isArray(value);
  if (kind === "integer") return Number.isSafeInteger(value);
  if (kind === "number") return Number.isFinite(value);
  return typeof value === kind;
}

function nameOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "boolean" || typeof value === "number") return String(value);
  return typeof value === "string" ? "a string" : "an object";
}

const fields = (shape: Shape): string =>
  Object.entries(shape)
    .map(([name, kind]) => (kind.endsWith("?") ? `"${name}" (optional)` : `"${name}"`))
    .join(", ");
