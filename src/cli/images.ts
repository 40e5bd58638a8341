/** Images: files named with --image, as parts of the user's message. */
import { readFileSync } from "node:fs";
import { type Message, message } from "../wire/item.ts";

const MOST_BYTES = 5 * 1024 * 1024;
const KINDS: readonly (readonly [magic: string, type: string])[] = [
  ["89504e47", "image/png"],
  ["ffd8ff", "image/jpeg"],
  ["47494638", "image/gif"],
  ["52494646", "image/webp"],
];

export type Made =
  | { readonly kind: "ok"; readonly message: Message }
  | { readonly kind: "refused"; readonly message: string };

/** A user message with the text and each image as a data URL. */
export function messageWithImages(text: string, files: readonly string[]): Made {
  const parts = [];
  for (const file of files) {
    let bytes: Buffer;
    try {
      bytes = readFileSync(file);
    } catch (cause) {
      return {
        kind: "refused",
        message: `Cannot read the image ${file}: ${cause instanceof Error ? cause.message : cause}.`,
      };
    }
    const kind = KINDS.find(([magic]) => bytes.toString("hex", 0, 4).startsWith(magic));
    if (!kind) return { kind: "refused", message: `${file} is not a PNG, JPEG, GIF or WebP image.` };
    if (bytes.length > MOST_BYTES) return { kind: "refused", message: `${file} is larger than 5 MB.` };
    parts.push({ type: "input_image" as const, image_url: `data:${kind[1]};base64,${bytes.toString("base64")}` });
  }
  const base = message("user", text);
  return { kind: "ok", message: { ...base, content: [...(base.content as never[]), ...parts] } };
}
