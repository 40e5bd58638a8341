/** Printed: the bytes of an item, printed once and kept as long as the item lives. */
import { type Item, printItem } from "./item.ts";

const utf8 = new TextEncoder();
const known = new WeakMap<Item, Uint8Array>();

/** The item as UTF-8 JSON. The same object gives the same array each time; an item must not change. */
export function printedItem(item: Item): Uint8Array {
  const bytes = known.get(item) ?? utf8.encode(printItem(item));
  known.set(item, bytes);
  return bytes;
}
