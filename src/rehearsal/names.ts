/** Names: a fresh name for what the file had no name for. */
const WORDS =
  "await break case catch class const continue debugger default delete do else enum export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with yield arguments eval";
const RESERVED = new Set(WORDS.split(" "));

/** Can it be declared in a module? */
export const isDeclarable = (name: string): boolean =>
  /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) && !RESERVED.has(name);

/** Gives out names that the file does not use, each once. */
export class Names {
  readonly #used: Set<string>;

  constructor(used: Iterable<string>) {
    this.#used = new Set(used);
  }

  /** The wish itself if it is free, else with `suffix` or a number behind. */
  fresh(wish: string, suffix: string): string {
    const base = isDeclarable(wish) ? wish : `${wish.replace(/[^\p{ID_Continue}$]/gu, "") || "module"}${suffix}`;
    const first = isDeclarable(base) ? base : `_${base}`;
    let name = first;
    for (let number = 1; this.#used.has(name); number++) name = `${first}${suffix}${number === 1 ? "" : number}`;
    this.#used.add(name);
    return name;
  }
}

/** `./query/index` -> query, `node:child_process` -> childProcess. */
export function nameFor(specifier: string): string {
  const parts = specifier
    .replace(/^node:/, "")
    .split("/")
    .filter((part) => part !== "." && part !== ".." && part !== "");
  const last = parts.at(-1)?.replace(/\.\w+$/, "") ?? "root";
  const base = last === "index" && parts.length > 1 ? parts.at(-2)! : last;
  return base.replace(/[^\w$]+(\w?)/g, (_, next: string) => next.toUpperCase()) || "root";
}
