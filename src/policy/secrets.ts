/**
 * Secrets: what must never be recorded or sent, and the placeholder that stands for it.
 *
 * Owns        the form `[secret:NAME]`, and which names say "secret"; shapes of keys are in ./key-shapes.ts.
 * Is not      the box: it masks texts, it keeps nobody from reading a file.
 * Invariants  1. Masking twice is masking once; what stands inside a placeholder is never masked.
 *             2. The number of lines does not change: each line of a secret gets a placeholder of its own.
 *             3. A text without a hint of a secret comes back as it is, the same string.
 */
import { isFingerprint, isKeyLike, isPath } from "./key-like.ts";
import { HINT, PEM, PEM_LINE, SHAPES, type Shape, URL_CREDENTIALS } from "./key-shapes.ts";

export interface Secret {
  readonly name: string;
  readonly value: string;
}

type Env = Readonly<Record<string, string | undefined>>;

const PLACEHOLDER = /\[secret:[\w.-]+\]/;
const SHORTEST = 8;
const MOST_ROUNDS = 20;

/** Does the text hold a placeholder that stands for a masked secret? */
export const holdsPlaceholder = (text: string): boolean => text.includes("[secret:") && PLACEHOLDER.test(text);

/** Each line of a secret as a placeholder (invariant 2). */
function placeholder(name: string, secret: string): string {
  const mark = `[secret:${name.replace(/[^\w.-]/g, "_").slice(0, 80) || "value"}]`;
  return secret.includes("\n") ? secret.replace(/\S[^\n]*\S|\S/g, mark) : mark;
}

/**
 * Make the function that replaces secrets in a text.
 *
 * @param known  secrets by value; values under 8 characters are left alone, they would hit ordinary words
 * @returns      a pure function, cheap where there is no hint of a secret
 */
export function createMask(known: readonly Secret[]): (text: string) => string {
  const names = knownForms(known);
  const values = [...names.keys()].sort((a, b) => b.length - a.length);
  const anyKnown =
    values.length === 0 ? null : new RegExp(`${PLACEHOLDER.source}|${values.map(literal).join("|")}`, "g");
  const once = (text: string): string => {
    let masked = text;
    if (anyKnown && values.some((value) => text.includes(value))) {
      masked = masked.replace(anyKnown, (found) => {
        const name = names.get(found);
        return name === undefined ? found : placeholder(name, found);
      });
    }
    masked = maskPem(masked);
    if (HINT.test(masked)) for (const shape of SHAPES) if (mayHold(masked, shape)) masked = maskShape(masked, shape);
    return maskAssignments(maskShape(masked, URL_CREDENTIALS));
  };
  return (text) => {
    let before = text;
    let masked = once(text);
    // A placeholder is a boundary, beside which the next key becomes visible (invariant 1).
    for (let round = 1; masked !== before && round < MOST_ROUNDS; round++) {
      before = masked;
      masked = once(before);
    }
    return masked;
  };
}

/** Frames a key's block: no secret, and the mark by which the block of another key is found. */
const ARMOUR = /^-----(?:BEGIN|END) [A-Z0-9 ]+-----$/;

/** Each value, each line of it, for it may arrive in pieces, and the forms these take in JSON and URLs, to its name. */
function knownForms(known: readonly Secret[]): Map<string, string> {
  const names = new Map<string, string>();
  for (const { name, value } of known) {
    if (value.trim().length < SHORTEST) continue;
    const lines = value.split(/\r\n|[\r\n]/).map((line) => line.trim());
    const parts = lines.filter((line) => line.length >= SHORTEST && !ARMOUR.test(line) && !isOrdinary(line));
    for (const part of [value, ...parts]) {
      for (const form of [part, JSON.stringify(part).slice(1, -1), encoded(part)]) {
        if (!names.has(form)) names.set(form, name);
      }
    }
  }
  return names;
}

const encoded = (value: string): string => (value.isWellFormed() ? encodeURIComponent(value) : value);
const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");

const mayHold = (text: string, { hints }: Shape): boolean => hints.some((hint) => text.includes(hint));

function maskShape(text: string, { name, pattern, isReal }: Shape): string {
  return text.replace(pattern, (whole: string, ...rest: unknown[]) => {
    const group = typeof rest[0] === "string" ? rest[0] : whole;
    if (isReal && !isReal(group)) return whole;
    const at = whole.lastIndexOf(group);
    return whole.slice(0, at) + placeholder(name, group) + whole.slice(at + group.length);
  });
}

/** Without its end a block may have been cut off: then only the lines that are surely its own go. */
function maskPem(text: string): string {
  if (!text.includes("PRIVATE KEY-----")) return text;
  return text.replace(PEM, (whole: string, begin: string, body: string, end: string | undefined) => {
    if (!PEM_LINE.test(body)) return whole;
    const lines = body.split("\n").map((line) => {
      const isKey = end !== undefined || PEM_LINE.test(line);
      return isKey && line.trim() !== "" ? line.replace(line.trim(), placeholder("private-key", "")) : line;
    });
    return begin + lines.join("\n") + (end ?? "");
  });
}

/** The end of a name that says "secret", what assigns, and a value; the name's beginning is read backwards. */
const ASSIGNED =
  /(?:[kK]ey|KEY|[tT]oken|TOKEN|[sS]ecret|SECRET|[pP]assw(?:or)?d|PASSW(?:OR)?D|[pP]assphrase|PASSPHRASE|[cC]redentials?|CREDENTIALS?|_PWD|_pwd)(\\?["'`]?\]?[ \t]{0,4}(?:=>|:=|=|:)[ \t]{0,4})(\\?["'`]?)([A-Za-z0-9+/=_.~!@#%^&*-]{8,512})(?![(\w[])/g;
const STRONG =
  /(?:(?:api|access|secret|private|auth|authorization|encryption|encrypt|signing|master|account|license|admin|service|client|webhook|storage|deploy|bot|refresh|bearer|session|user|app)[-_.]?(?:key|token))$|(?:secret|passw(?:or)?d|passphrase|pwd)$/i;
const LOUD = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*_(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|PWD|CREDENTIALS?)$/;

function maskAssignments(text: string): string {
  return text.replace(ASSIGNED, (whole: string, sign: string, quote: string, run: string, at: number) => {
    const head = whole.slice(0, whole.length - run.length);
    // Without quotes a "&" ends it: the next parameter of a URL begins there.
    const value = quote === "" ? (run.split("&", 1)[0] as string) : run;
    const name = nameAt(text, at, head.length - sign.length - quote.length);
    const after = text[at + head.length + value.length] ?? "";
    const isQuoted = quote !== "" && (after === quote.at(-1) || after === "\\");
    const isSecret = isQuoted ? isQuotedSecret(name, value) : quote === "" && isBareSecret(name, sign, value, after);
    return isSecret ? head + placeholder(name, value) + run.slice(value.length) : whole;
  });
}

function nameAt(text: string, at: number, length: number): string {
  let from = at;
  while (from > 0 && at - from < 60 && /[\w-]/.test(text[from - 1] as string)) from--;
  return text.slice(from, at + length).replace(/^-+/, "");
}

function isQuotedSecret(name: string, value: string): boolean {
  if (STRONG.test(name)) return isKeyLike(value);
  return LOUD.test(name) && isKeyLike(value) && !isFingerprint(value);
}

/** Without quotes a value is mostly code; only an environment's `NAME=value` and long random text are not. */
function isBareSecret(name: string, sign: string, value: string, after: string): boolean {
  if (after !== "" && !/[\s"'`,;)&}\\<]/.test(after)) return false;
  if (!isQuotedSecret(name, value)) return false;
  if (sign === "=" && LOUD.test(name)) return true;
  return value.length >= 16 && !value.includes(".") && digitRuns(value) >= 3;
}

const digitRuns = (value: string): number => value.match(/\d+/g)?.length ?? 0;

const SECRET_NAME =
  /(?:KEY|KEYS|TOKEN|TOKENS|SECRET|SECRETS|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|CREDENTIALS|_PWD|_PAT|ACCESS_KEY_ID)$/i;
const URL_PASSWORD = /^[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:([^\s/@]+)@/i;
const PROXY = /_proxy$/i;
const ORDINARY = new Set(
  "password changeme disabled enabled required optional production development localhost undefined postgres not-needed".split(
    " ",
  ),
);

/** A word that stands where a secret could, and in many other places. */
export const isOrdinary = (value: string): boolean => ORDINARY.has(value.trim().toLowerCase());

/** The variables of an environment that hold secrets: by their names, or as the password inside a URL. */
export function secretsOf(env: Env): Secret[] {
  const secrets: Secret[] = [];
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined) continue;
    for (const secret of secretValues(name, value)) secrets.push({ name, value: secret });
  }
  return secrets;
}

function secretValues(name: string, value: string): string[] {
  const inUrl = URL_PASSWORD.exec(value)?.[1];
  if (inUrl !== undefined)
    return [inUrl, decoded(inUrl)].filter((text, index, all) => isWorth(text) && all.indexOf(text) === index);
  const isUrl = /^[a-z][a-z0-9+.-]*:\/\//i.test(value);
  return SECRET_NAME.test(name) && !isUrl && isWorth(value) ? [value] : [];
}

function isWorth(value: string): boolean {
  if (value.trim().length < SHORTEST || isOrdinary(value)) return false;
  return !isPath(value) && !/^[\d.,+-]+$/.test(value);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The environment for a command the model asks for: without its secrets, but with the proxies it needs. */
export function childEnv(env: Env): Record<string, string> {
  const secret = new Set(secretsOf(env).map(({ name }) => name));
  const kept = Object.entries(env).filter(
    ([name, value]) => value !== undefined && (PROXY.test(name) || !secret.has(name)),
  );
  return Object.fromEntries(kept) as Record<string, string>;
}
