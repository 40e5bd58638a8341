/**
 * Users: how much of each user message a checkpoint shows.
 *
 * Invariants  1. A message is shown whole, or head and tail, or by its number: none is dropped in silence.
 *             2. The newest give way last.
 */

import { BYTES_PER_TOKEN } from "../kit/tokens.ts";
import { clipMessage, clipTo } from "../thread/clip.ts";
import type { Clip } from "../thread/entry.ts";
import type { KeptMessage } from "../thread/thread.ts";
import { contentText } from "../wire/item.ts";
import type { Budget } from "./budget.ts";
import { contentTokens } from "./measure.ts";

/** What an old message is cut to when all together pass their share, in characters. */
const SHORT = 200;

/**
 * Decide how `said` is shown in the checkpoint being written.
 *
 * @param others the user messages in the checkpoints that stand already: frozen, they only take room
 */
export function fitUsers(
  said: readonly KeptMessage[],
  others: readonly KeptMessage[],
  budget: Budget,
): { shown: KeptMessage[]; unshown: number[] } {
  const taken = others.reduce((sum, user) => sum + tokensShown(user), 0);
  const room = Math.max(budget.users - taken, Math.floor(budget.users / 4));
  const long = said.map((user) => shorten(user, budget.userMessage * BYTES_PER_TOKEN, budget.userMessage));
  const sizes = long.map(tokensShown);
  let total = sizes.reduce((sum, size) => sum + size, 0);
  const shown: KeptMessage[] = [...long];
  for (const [index, user] of long.entries()) {
    if (total <= room) break;
    const short = shorten(user, SHORT, 0);
    total += tokensShown(short) - (sizes[index] as number);
    shown[index] = short;
  }
  const unshown: number[] = [];
  while (total > room && shown.length > 1) {
    const oldest = shown.shift() as KeptMessage;
    total -= tokensShown(oldest);
    unshown.push(oldest.seq);
  }
  return { shown, unshown };
}

/** The message cut to about `chars` characters, where it takes more than `tokens` as it is shown now. */
function shorten(user: KeptMessage, chars: number, tokens: number): KeptMessage {
  const text = contentText(user.item.content);
  if (text.length <= chars + 80 || tokensShown(user) <= tokens) return user;
  const clip: Clip = clipTo(text, chars);
  return user.clip && user.clip.head + user.clip.tail <= clip.head + clip.tail ? user : { ...user, clip };
}

const tokensShown = ({ item, clip, seq }: KeptMessage): number =>
  contentTokens(clip ? clipMessage(item, clip, seq) : item);
