/**
 * Heredoc: shell commands that do nothing but call apply_patch, which is no program.
 *
 * Is not      a shell: what it is not sure of is left to the real one.
 */
export interface PatchCommand {
  readonly patch: string;
  /** The folder the command changes to first, as it was written. */
  readonly cwd?: string;
}

const PROGRAM = /^(?:apply_patch|applypatch)(?=[\s<])/;
const SHELL = /^(?:\/(?:usr\/)?bin\/)?(?:bash|sh|zsh)\s+-l?c\s+/;
const SPACE = /^[ \t]+/;

/**
 * Take the patch out of a command that only runs apply_patch, with a heredoc or with one argument.
 *
 * @returns null for every other command, pipelines and commands with more after the patch included.
 */
export function patchInCommand(cmd: string): PatchCommand | null {
  return inCommand(cmd, 0);
}

function inCommand(cmd: string, depth: number): PatchCommand | null {
  const text = cmd.replaceAll("\r\n", "\n").trim();
  const shell = SHELL.exec(text);
  if (shell) {
    const word = readWord(text.slice(shell[0].length));
    return word === null || word.rest.trim() !== "" || depth > 0 ? null : inCommand(word.value, depth + 1);
  }
  const moved = /^cd[ \t]+/.exec(text);
  if (!moved) return callIn(text);
  const folder = readWord(text.slice(moved[0].length));
  const next = folder && /^\s*&&\s*/.exec(folder.rest);
  if (!folder || !next || folder.value === "" || /^[~-]/.test(folder.value)) return null;
  const call = callIn(folder.rest.slice(next[0].length));
  return call && { ...call, cwd: folder.value };
}

function callIn(text: string): PatchCommand | null {
  const program = PROGRAM.exec(text);
  if (!program) return null;
  const rest = text.slice(program[0].length).replace(SPACE, "");
  if (rest.startsWith("<<") && !rest.startsWith("<<<")) return readHeredoc(rest, "");
  const substituted = /^"\$\(\s*cat\s+(?=<<)/.exec(rest);
  if (substituted) return readHeredoc(rest.slice(substituted[0].length), ')"');
  const word = readWord(rest.replace(/^<<<[ \t]*/, ""));
  if (word === null || word.rest.trim() !== "" || !word.value.includes("*** Begin Patch")) return null;
  return { patch: word.value };
}

/** `<<EOF`, its body and its end; after that only `close` may stand. */
function readHeredoc(text: string, close: string): PatchCommand | null {
  const opening = /^<<(-?)[ \t]*(?:'([^'\n]+)'|"([^"\n]+)"|\\?([\w.-]+))[ \t]*\n/.exec(text);
  if (!opening) return null;
  const end = opening[2] ?? opening[3] ?? opening[4];
  const lines = text.slice(opening[0].length).split("\n");
  const body = opening[1] === "-" ? lines.map((line) => line.replace(/^\t+/, "")) : lines;
  const last = body.indexOf(end as string);
  // A shell ends a heredoc at the end of its input, too.
  if (last === -1) return close === "" ? { patch: body.join("\n") } : null;
  const after = body
    .slice(last + 1)
    .join("\n")
    .trim();
  return after.replace(/\s+/g, "") === close ? { patch: `${body.slice(0, last).join("\n")}\n` } : null;
}

/** One word of shell: quoted or plain parts joined. Null where a shell would put something else in its place. */
function readWord(text: string): { value: string; rest: string } | null {
  let value = "";
  let at = 0;
  while (at < text.length && !/[\s;&|<>()]/.test(text[at] as string)) {
    const sign = text[at] as string;
    if (sign === "'") {
      const end = text.indexOf("'", at + 1);
      if (end === -1) return null;
      value += text.slice(at + 1, end);
      at = end + 1;
    } else if (sign === '"') {
      const part = readDoubleQuoted(text, at + 1);
      if (part === null) return null;
      value += part.value;
      at = part.end;
    } else if (sign === "\\") {
      value += text[at + 1] ?? "";
      at += 2;
    } else if (/[$`*?[{#!]/.test(sign)) {
      return null;
    } else {
      value += sign;
      at++;
    }
  }
  return at === 0 ? null : { value, rest: text.slice(at) };
}

function readDoubleQuoted(text: string, start: number): { value: string; end: number } | null {
  let value = "";
  for (let at = start; at < text.length; at++) {
    const sign = text[at] as string;
    if (sign === '"') return { value, end: at + 1 };
    if (sign === "$" || sign === "`") return null;
    if (sign === "\\" && /[\\"$`\n]/.test(text[at + 1] ?? "")) {
      at++;
      if (text[at] !== "\n") value += text[at];
    } else value += sign;
  }
  return null;
}
