/**
 * File text: a file as lines that remember how each one ended.
 *
 * Invariants  1. `printText(parseText(text))` is `text`, byte for byte: BOM, mixed line ends, missing last one.
 */
export interface FileText {
  readonly bom: boolean;
  readonly lines: readonly string[];
  /** What ends each line. Only the last one may be empty. */
  readonly ends: readonly string[];
  /** What most lines end with; a line feed where there is none. */
  readonly eol: string;
}

export function parseText(text: string): FileText {
  const bom = text.startsWith("\uFEFF");
  const lines = (bom ? text.slice(1) : text).split("\n");
  const open = lines.pop() as string;
  let crlf = 0;
  const ends = lines.map((line, index): string => {
    if (!line.endsWith("\r")) return "\n";
    lines[index] = line.slice(0, -1);
    crlf++;
    return "\r\n";
  });
  const eol = crlf > lines.length / 2 ? "\r\n" : "\n";
  if (open !== "") {
    lines.push(open);
    ends.push("");
  }
  return { bom, lines, ends, eol };
}

export function printText({ bom, lines, ends }: FileText): string {
  let text = bom ? "\uFEFF" : "";
  for (const [index, line] of lines.entries()) text += line + (ends[index] as string);
  return text;
}
