/** Refused: what ends a command with one sentence and an exit code of its own. */
import { ArchiveError } from "../archive/archive-error.ts";
import { NotRecorded } from "../engine/session.ts";

/** Said before any request: wrong use, or a machine that cannot. */
export class Refused extends Error {
  readonly exitCode: 1 | 2;
  constructor(message: string, exitCode: 1 | 2 = 2) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Run a command; a refusal or a log that cannot be used becomes its sentence and exit code. */
export async function guarded(command: () => Promise<number>): Promise<number> {
  try {
    return await command();
  } catch (error) {
    const isKnown = error instanceof Refused || error instanceof ArchiveError || error instanceof NotRecorded;
    if (!isKnown) throw error;
    process.stderr.write(`godwit: ${error.message}\n`);
    return error instanceof Refused ? error.exitCode : 1;
  }
}
