/**
 * Simple commands: the parts of a shell command line that are run as programs, in order.
 *
 * Is not      a shell: of quotes, heredocs, comments and substitutions it only knows where they end.
 */

export interface SimpleCommand {
  /** As it was written, up to its first redirection. */
  readonly text: string;
  /** What stands behind it; empty at the end. */
  readonly before: "&&" | "||" | "|" | "&" | ";" | "\n" | "";
}

/** Never empty texts; what is quoted, substituted or in a heredoc is part of a command or gone, never one itself. */
export function simpleCommands(line: string): SimpleCommand[] {
  const reader = new Reader(line);
  reader.read();
  return reader.found.filter(({ text }) => text !== "");
}

const OPERATOR = /^(?:&&|\|\||\|&|\||&(?!>)|;;?|\r?\n)/;
const HEREDOC = /^<<(-?)[ \t]*(?:'([^'\n]*)'|"([^"\n]*)"|\\?([^\s;&|<>()]+))/;

class Reader {
  readonly found: SimpleCommand[] = [];
  readonly #line: string;
  #at = 0;
  /** Where the command under way begins, and where its first redirection stands. */
  #from = 0;
  #redirected: number | null = null;
  /** Heredocs whose bodies begin behind the next line break. */
  #bodies: RegExpExecArray[] = [];

  constructor(line: string) {
    this.#line = line;
  }

  read(): void {
    while (this.#at < this.#line.length) this.#next();
    this.#end("", this.#line.length);
  }

  #next(): void {
    const rest = this.#line.slice(this.#at, this.#at + 200);
    const sign = rest[0] as string;
    const isWordStart = this.#at === this.#from || /[\s;&|(]/.test(this.#line[this.#at - 1] as string);
    const operator = OPERATOR.exec(rest)?.[0];
    const heredoc = HEREDOC.exec(rest);
    if (sign === "\\") this.#at += 2;
    else if (sign === "'") this.#skipTo("'", this.#at + 1);
    else if (sign === '"') this.#at = endOfDouble(this.#line, this.#at + 1);
    else if (sign === "`") this.#skipTo("`", this.#at + 1);
    else if (/^(?:[$<>]\(|\(\()/.test(rest)) this.#at = endOfParentheses(this.#line, this.#at + rest.indexOf("(") + 1);
    else if (sign === "#" && isWordStart) this.#skipTo("\n", this.#at, 0);
    else if (operator !== undefined) this.#operator(operator);
    else if (sign === "(" || sign === ")") {
      this.#end(sign === ")" ? this.#afterGroup() : ";", this.#at);
      this.#from = ++this.#at;
    } else if (heredoc) {
      this.#bodies.push(heredoc);
      this.#redirected ??= this.#at;
      this.#at += heredoc[0].length;
    } else {
      if (/^(?:[<>]|&>)/.test(rest)) this.#redirected ??= this.#at;
      this.#at += /^(?:<<<|>&|<&|&>)/.exec(rest)?.[0].length ?? 1;
    }
  }

  #operator(operator: string): void {
    const kind = operator === "|&" ? "|" : operator === ";;" ? ";" : operator.trim() === "" ? "\n" : operator;
    this.#end(kind as SimpleCommand["before"], this.#at);
    this.#at += operator.length;
    if (kind === "\n")
      for (const opening of this.#bodies.splice(0)) this.#at = endOfBody(this.#line, this.#at, opening);
    this.#from = this.#at;
  }

  #end(before: SimpleCommand["before"], at: number): void {
    const written = this.#line.slice(this.#from, this.#redirected ?? at);
    const text = this.#redirected === null ? written : written.replace(/\s\d*&?$/, "");
    const lines = text.split("\\\n").map((part) => part.trim());
    this.found.push({ text: lines.join(" ").trim(), before });
    this.#redirected = null;
  }

  /** What stands behind a group stands behind its last command too. */
  #afterGroup(): SimpleCommand["before"] {
    const operator = /^\)[\s)]*?(?:\d*>&?\s*\S+\s*)*(&&|\|\||\||&|;|\n)/.exec(
      this.#line.slice(this.#at, this.#at + 200),
    )?.[1];
    return (operator ?? "") as SimpleCommand["before"];
  }

  /** Behind the next `mark` from `from` on, or at the end. */
  #skipTo(mark: string, from: number, over = mark.length): void {
    const at = this.#line.indexOf(mark, from);
    this.#at = at === -1 ? this.#line.length : at + over;
  }
}

/** Behind the line that ends the heredoc whose body begins at `from`, or at the end. */
function endOfBody(line: string, from: number, [, dash, ...words]: RegExpExecArray): number {
  const end = words.find((word) => word !== undefined) ?? "";
  for (let at = from; at < line.length; ) {
    const stop = line.indexOf("\n", at);
    const text = line.slice(at, stop === -1 ? undefined : stop);
    at = stop === -1 ? line.length : stop + 1;
    if ((dash === "-" ? text.replace(/^\t+/, "") : text) === end) return at;
  }
  return line.length;
}

/** Nested deeper than this, all that follows counts as quoted. */
const DEEPEST = 50;

function endOfDouble(line: string, from: number, depth = 0): number {
  for (let at = from; at < line.length; at++) {
    if (line[at] === "\\") at++;
    else if (line[at] === '"') return at + 1;
    else if (line.startsWith("$(", at)) at = endOfParentheses(line, at + 2, depth + 1) - 1;
  }
  return line.length;
}

function endOfParentheses(line: string, from: number, depth = 0): number {
  if (depth > DEEPEST) return line.length;
  let open = 1;
  for (let at = from; at < line.length; at++) {
    const sign = line[at];
    if (sign === "\\") at++;
    else if (sign === "'") at = closing(line, at + 1);
    else if (sign === '"') at = endOfDouble(line, at + 1, depth) - 1;
    else if (line.startsWith("<<", at)) at = endOfHeredoc(line, at);
    else if (sign === "(") open++;
    else if (sign === ")" && --open === 0) return at + 1;
  }
  return line.length;
}

function closing(line: string, from: number): number {
  const at = line.indexOf("'", from);
  return at === -1 ? line.length : at;
}

/** The last place of a heredoc inside a substitution; `at` itself where there is none. */
function endOfHeredoc(line: string, at: number): number {
  const opening = HEREDOC.exec(line.slice(at, at + 200));
  if (!opening) return at + 1;
  const body = line.indexOf("\n", at + opening[0].length);
  return body === -1 ? at + 1 : endOfBody(line, body + 1, opening) - 1;
}
