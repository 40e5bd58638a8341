/**
 * Clip: a long text shown as its head and its tail.
 *
 * Invariants  1. The same text, clip and number give the same bytes for ever: logs hold the clip, not the result.
 */
import { type Item, isOutput, type Message, message, type Part } from "../wire/item.ts";
import type { Clip } from "./entry.ts";

/** `text` under `clip`, with a line between that says what is missing and where it is. */
export function clipText(text: string, clip: Clip, seq: number): string {
  const left = text.length - clip.head - clip.tail;
  if (left <= 0) return text;
  const head = text.slice(0, clip.head);
  const tail = clip.tail === 0 ? "" : text.slice(-clip.tail);
  return `${head}\n[… ${left} characters left out here; the whole is entry #${seq} …]\n${tail}`;
}

/** A user message under a clip: images and files stay, its texts become one. */
export function clipMessage(item: Message, clip: Clip, seq: number): Message {
  const parts: readonly Part[] =
    typeof item.content === "string" ? [{ type: "input_text", text: item.content }] : item.content;
  const text = parts.map((part) => ("text" in part ? part.text : "")).join("\n");
  const rest = parts.filter((part) => !("text" in part));
  if (rest.length === 0) return message(item.role, clipText(text, clip, seq));
  return { ...item, content: [{ type: "input_text", text: clipText(text, clip, seq) }, ...rest] };
}

/** An output under a clip; images in it give way to a word. Other items stay as they are. */
export function clipOutput(item: Item, clip: Clip, seq: number): Item {
  if (!isOutput(item)) return item;
  const text =
    typeof item.output === "string"
      ? item.output
      : item.output.map((part) => ("text" in part ? part.text : `[${part.type} left out]`)).join("\n");
  return { ...item, output: clipText(text, clip, seq) };
}

/** A clip that shows about `chars` characters, two thirds of them head; never splits a surrogate pair. */
export function clipTo(text: string, chars: number): Clip {
  const head = Math.min(text.length, Math.floor((chars * 2) / 3));
  const tail = Math.min(text.length - head, Math.floor(chars / 3));
  return {
    head: isLow(text, head) ? head - 1 : head,
    tail: isLow(text, text.length - tail) ? tail - 1 : tail,
  };
}

function isLow(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  return index > 0 && unit >= 0xdc00 && unit <= 0xdfff;
}
