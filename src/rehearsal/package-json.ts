/** Package JSON: the one field of package.json that changes, by text, so that its form stays. */

/** With `"type": "module"`, put behind the version or name; null when there is no place for it. */
export function withModuleType(text: string): string | null {
  if (/"type"\s*:/.test(text)) return null;
  const line = /^([ \t]*)"(?:version|name)"\s*:.*,[ \t]*$/gm;
  const anchors = [...text.matchAll(line)];
  const anchor = anchors.find((match) => match[0].includes('"version"')) ?? anchors[0];
  if (anchor !== undefined) {
    const end = anchor.index + anchor[0].length;
    return `${text.slice(0, end)}\n${anchor[1]}"type": "module",${text.slice(end)}`;
  }
  const open = text.indexOf("{");
  if (open < 0) return null;
  const isEmpty = /^\{\s*\}/.test(text.slice(open));
  return `${text.slice(0, open + 1)}\n  "type": "module"${isEmpty ? "" : ","}${text.slice(open + 1)}`;
}

/** Without `"type": "commonjs"`, so that Node finds each file's kind by itself; null when it cannot be cut out. */
export function withoutCommonType(text: string): string | null {
  const cut = text.replace(/^[ \t]*"type"\s*:\s*"commonjs"\s*,[ \t]*\r?\n/m, "");
  if (cut !== text) return cut;
  const last = text.replace(/,(\s*)"type"\s*:\s*"commonjs"/, "");
  return last === text ? null : last;
}
