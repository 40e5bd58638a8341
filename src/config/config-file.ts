/** One config file, read and parsed; what is wrong with it in one sentence. */
import { isUtf8 } from "node:buffer";
import { readFileSync } from "node:fs";
import type { Table } from "./layer.ts";

export type ConfigFile =
  /** There is none. */
  | { readonly kind: "none" }
  | { readonly kind: "ok"; readonly table: Table }
  | { readonly kind: "invalid"; readonly code: string; readonly message: string };

/** Read a file of TOML. The parser is loaded only when there is one. */
export async function readConfigFile(file: string): Promise<ConfigFile> {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    return code === "ENOENT" ? { kind: "none" } : invalid(file, WORDS[code] ?? message, code);
  }
  if (!isUtf8(bytes)) return invalid(file, "it is not text in UTF-8");
  const { parse, TomlError } = await import("smol-toml");
  try {
    return { kind: "ok", table: parse(bytes.toString("utf8")) };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    return invalid(file, `line ${error.line} is not valid TOML: ${whatIsWrong(error.message)}`);
  }
}

const WORDS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "permission denied",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of its path is a file, not a folder",
  EIO: "the disk reports an error",
};

const invalid = (file: string, reason: string, code = ""): ConfigFile => ({
  kind: "invalid",
  code,
  message: `Cannot read config "${file}": ${reason}`,
});

/** The parser's first line; what follows shows the file's own text, which may hold a key. */
function whatIsWrong(message: string): string {
  const [first = ""] = message.split("\n");
  const reason = first.replace(/^Invalid TOML document: /, "");
  return reason === "invalid value" ? "invalid value (text stands in quotes)" : reason;
}
