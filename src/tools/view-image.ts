/** view_image: shows the model a picture from the disk. */
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { resolve } from "node:path";
import type { Tool, ToolAnswer } from "../engine/ports.ts";
import { oneLine } from "../kit/cut.ts";
import { readArguments } from "./arguments.ts";
import { refuse } from "./exec-command.ts";

/** Larger ones are refused by providers, or cost more than they show. */
const LIMIT_BYTES = 5 << 20;
const SHAPE = { path: "string" } as const;
/** A pipe without a writer must not hold us up. */
const READ_AT_ONCE = constants.O_RDONLY | constants.O_NONBLOCK;

/** @param options.images can the model see pictures at all? */
export const createViewImage = (options: { readonly images: boolean }): Tool => ({
  spec: {
    type: "function",
    name: "view_image",
    description: "Look at an image file (PNG, JPEG, GIF, WebP; at most 5 MB).",
    parameters: { type: "object", properties: { path: { type: "string" } }, required: ["path"] },
    strict: false,
  },
  parallel: true,
  describe(input) {
    const read = readArguments(input, SHAPE);
    return oneLine(read.ok ? read.values.path : input, 120);
  },
  async run(input, context) {
    const read = readArguments(input, SHAPE);
    if (!read.ok) return refuse(`view_image was not run. ${read.message}`);
    if (!options.images) return refuse("This model cannot see images; use a command to learn about the file instead.");
    return view(read.values.path, resolve(context.cwd, read.values.path));
  },
});

async function view(name: string, path: string): Promise<ToolAnswer> {
  const cannot = (why: string): ToolAnswer => refuse(`Cannot show ${name}: ${why}.`);
  try {
    await using file = await open(path, READ_AT_ONCE);
    const stat = await file.stat();
    if (!stat.isFile()) return cannot("it is not a file");
    if (stat.size > LIMIT_BYTES) return cannot(`it has ${stat.size} bytes, more than the ${LIMIT_BYTES} allowed`);
    const bytes = await file.readFile();
    const type = imageType(bytes);
    if (type === null) return cannot("it is no PNG, JPEG, GIF or WebP image");
    const url = `data:${type};base64,${bytes.toString("base64")}`;
    return { output: [{ type: "input_image", image_url: url }], result: { ok: true } };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return cannot(code === "ENOENT" ? "there is no such file" : code === "EACCES" ? "it may not be read" : message);
  }
}

/** By the bytes it starts with; a file's name proves nothing. */
function imageType(bytes: Buffer): string | null {
  const start = bytes.toString("latin1", 0, 12);
  if (start.startsWith("\x89PNG\r\n\x1a\n")) return "image/png";
  if (start.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (start.startsWith("GIF87a") || start.startsWith("GIF89a")) return "image/gif";
  return start.startsWith("RIFF") && start.endsWith("WEBP") ? "image/webp" : null;
}
