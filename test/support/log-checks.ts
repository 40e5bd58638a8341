/** What must hold for any log, whatever happened to the processes that wrote it. Each check returns what is wrong. */
import { createHash } from "node:crypto";
import type { Entry } from "../../src/thread/entry.ts";
import { append, newThread } from "../../src/thread/thread.ts";
import { show, type Target } from "../../src/thread/view.ts";
import { type Item, isCall, isOutput, printItem } from "../../src/wire/item.ts";

/** Every call has exactly one output, behind it; none began twice; nothing ran that was not said to begin. */
export function pairingFaults(entries: readonly Entry[]): string[] {
  const faults: string[] = [];
  const calls = new Map<string, number>();
  const outputs = new Map<string, number>();
  const effects = new Map<string, number>();
  const count = (map: Map<string, number>, id: string) => map.set(id, (map.get(id) ?? 0) + 1);
  for (const [index, entry] of entries.entries()) {
    if (entry.seq !== index + 1) faults.push(`entry ${index + 1} has seq ${entry.seq}`);
    if (entry.kind === "effect") {
      count(effects, entry.call);
      if (outputs.has(entry.call)) faults.push(`call ${entry.call} began after its output (#${entry.seq})`);
      if (!calls.has(entry.call)) faults.push(`call ${entry.call} began before it was recorded (#${entry.seq})`);
    }
    if (entry.kind !== "item") continue;
    if (isCall(entry.item)) count(calls, entry.item.call_id);
    if (!isOutput(entry.item)) continue;
    count(outputs, entry.item.call_id);
    if (!calls.has(entry.item.call_id)) faults.push(`output ${entry.item.call_id} has no call (#${entry.seq})`);
  }
  for (const [id, times] of calls) {
    if (times !== 1) faults.push(`call ${id} is there ${times} times`);
    if (outputs.get(id) !== 1) faults.push(`call ${id} has ${outputs.get(id) ?? 0} outputs`);
  }
  for (const [id, times] of effects) if (times !== 1) faults.push(`call ${id} began ${times} times`);
  return faults;
}

const texts = new WeakMap<Item, string>();

/** The item as the wire carries it. */
function wireText(item: Item): string {
  const text = texts.get(item) ?? JSON.stringify(JSON.parse(printItem(item)));
  texts.set(item, text);
  return text;
}

export const hashInput = (input: readonly unknown[]): string =>
  createHash("sha256")
    .update(input.map((item) => JSON.stringify(item)).join("\n"))
    .digest("hex");

/** The hash of the view after each entry: what a request sent at that moment must have held. */
export function viewHashes(entries: readonly Entry[]): string[] {
  const thread = newThread();
  return entries.map((entry) => {
    append(thread, entry);
    const { settings } = thread;
    const target: Target = {
      provider: settings?.provider ?? "",
      family: settings?.family ?? "",
      limit: settings?.limit ?? 0,
      images: settings?.images ?? false,
      seals: false,
    };
    return createHash("sha256").update(show(thread, target).map(wireText).join("\n")).digest("hex");
  });
}

/** Requests that held something else than the log's view at any moment. */
export function foreignRequests(entries: readonly Entry[], sent: readonly string[]): number {
  const known = new Set(viewHashes(entries));
  return sent.filter((hash) => !known.has(hash)).length;
}

/** The bytes of a log that were acknowledged: all whole lines, without a broken last one. */
export function wholeLines(bytes: Buffer): Buffer {
  const whole = bytes.subarray(0, bytes.lastIndexOf(10) + 1);
  const lastLine = whole.lastIndexOf(10, whole.length - 2) + 1;
  try {
    if (whole.length > 0) JSON.parse(whole.subarray(lastLine).toString());
    return whole;
  } catch {
    return whole.subarray(0, lastLine);
  }
}

/** What a killed process was doing, told from the last entry of its log. */
export function phaseOf(entries: readonly Entry[]): string {
  const last = entries.at(-1);
  switch (last?.kind) {
    case undefined:
      return "start";
    case "open":
    case "epoch":
    case "settings":
      return "opening";
    case "effect":
      return "call";
    case "fold":
    case "merge":
      return "the step after a fold";
    case "turn":
      return last.state === "ended" ? "end" : "request";
    default:
      return "request";
  }
}
