/**
 * Measure: how many tokens a prompt takes, part by part.
 *
 * Is not      exact: bytes over four, times what the provider's last report says of that estimate.
 * Source      Codex counts ceil(bytes / 4); an image costs about 1,844 tokens there.
 */
import { byteLength, tokensOf, tokensOfBytes } from "../kit/tokens.ts";
import type { Thread } from "../thread/thread.ts";
import { showHead, showTail, type Target } from "../thread/view.ts";
import { contentText, type Item, isOutput } from "../wire/item.ts";
import { printedItem } from "../wire/printed.ts";
import { printSorted } from "../wire/request.ts";

const IMAGE_TOKENS = 1900;
const images = new WeakMap<Item, number>();

/** Tokens of one item as it stands in a prompt, uncalibrated. */
export function tokensOfItem(item: Item): number {
  const bytes = printedItem(item).byteLength + 1;
  const counted = images.get(item) ?? imageBytes(item);
  images.set(item, counted);
  return counted === 0 ? tokensOfBytes(bytes) : tokensOfBytes(bytes - counted) + IMAGE_TOKENS;
}

function imageBytes(item: Item): number {
  const parts = item.type === "message" ? item.content : isOutput(item) ? item.output : "";
  if (typeof parts === "string") return 0;
  return parts.reduce((sum, part) => sum + (part.type === "input_image" ? (part.image_url?.length ?? 0) : 0), 0);
}

/**
 * Tokens of the words of an item: for shares between parts, where many short messages must not look as large as the
 * JSON they travel in. Whether a request fits is told by `tokensOfItem`, which counts that too.
 */
export function contentTokens(item: Item): number {
  if (item.type !== "message") return tokensOfItem(item);
  const isText = typeof item.content === "string" || item.content.every((part) => "text" in part);
  return isText ? tokensOf(contentText(item.content)) : tokensOfItem(item);
}

export const tokensOfItems = (items: readonly Item[]): number =>
  items.reduce((sum, item) => sum + tokensOfItem(item), 0);

/** What takes the room, in tokens, calibrated. */
export interface Measured {
  readonly head: number;
  readonly checkpoints: number;
  readonly now: number;
  readonly tail: number;
  readonly total: number;
}

const fixed = new WeakMap<object, number>();

/** Tokens of instructions and tools: what stands outside the input. Uncalibrated. */
export function tokensOutsideInput(thread: Thread): number {
  const { epoch } = thread;
  if (!epoch) return 0;
  const known = fixed.get(epoch);
  if (known !== undefined) return known;
  const base = epoch.place === "instructions" ? byteLength(JSON.stringify(epoch.base)) : 0;
  const tokens = tokensOfBytes(base + byteLength(printSorted(epoch.tools)));
  fixed.set(epoch, tokens);
  return tokens;
}

/** Measure the prompt of `thread` for `target`, part by part. */
export function measure(thread: Thread, target: Target): Measured {
  const scale = (tokens: number) => Math.ceil(tokens * thread.ratio);
  const head = scale(tokensOutsideInput(thread) + tokensOfItems(showHead(thread)));
  const checkpoints = scale(thread.checkpoints.reduce((sum, { items }) => sum + tokensOfItems(items), 0));
  const now = scale(tokensOfItems(thread.now));
  const tail = scale(thread.tail.reduce((sum, one) => sum + tokensOfItems(showTail(one, target)), 0));
  return { head, checkpoints, now, tail, total: head + checkpoints + now + tail };
}
