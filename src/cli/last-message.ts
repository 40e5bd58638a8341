/** Last message: the file of --output-last-message, looked at before the work and written after it. */
import { accessSync, constants, type Stats, statSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { Refused } from "./refused.ts";

/**
 * Can there be such a file? Better known now than after the work; nothing is written yet.
 *
 * @param file as typed; from the folder this process was started in
 * @throws {Refused}
 */
export function checkLastMessage(file: string | undefined): void {
  if (file === undefined) return;
  const trouble = troubleWith(resolve(file));
  if (trouble !== null) throw new Refused(`Cannot write the last message to ${file}: ${trouble}.`);
}

function troubleWith(path: string): string | null {
  const folder = dirname(path);
  try {
    const known = stat(path);
    if (known?.isDirectory()) return "it is a folder";
    if (!known && !stat(folder)?.isDirectory()) return `there is no folder ${folder}`;
    accessSync(known ? path : folder, constants.W_OK);
    return null;
  } catch (error) {
    return wordsOf(error);
  }
}

const stat = (path: string): Stats | undefined => statSync(path, { throwIfNoEntry: false });

/** Write it; false when that went wrong, which is said. */
export function writeLastMessage(file: string | undefined, text: string | null): boolean {
  if (file === undefined || text === null) return true;
  try {
    writeFileSync(resolve(file), text);
    return true;
  } catch (error) {
    process.stderr.write(`godwit: the turn has ended, but its last message cannot be written: ${wordsOf(error)}\n`);
    return false;
  }
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
