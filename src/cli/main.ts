/**
 * Main: the composition root. Reads argv, builds what is needed, picks a face; loads nothing that the command does not use.
 *
 * Owns        exit codes: 0 done, 1 turn failed, 2 usage, 130 interrupted.
 * Is not      the entry (bin/godwit.mjs), which finds this file and answers --version.
 */
import { parseArgs } from "./args.ts";

/**
 * Run one command line.
 *
 * @param argv what follows the program's name
 * @returns the exit code
 */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    return await run(argv);
  } catch (error) {
    // A fault of this program: everything the world causes was a sentence of its own before.
    const words = error instanceof Error ? error.message : String(error);
    process.stderr.write(`godwit: a fault inside the program: ${words} (GODWIT_DEBUG=1 shows where)\n`);
    if (process.env.GODWIT_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    return 1;
  }
}

async function run(argv: readonly string[]): Promise<number> {
  const args = parseArgs(argv);
  switch (args.kind) {
    case "usage":
      process.stderr.write(`godwit: ${args.message}\n`);
      return 2;
    case "version": {
      const { VERSION } = await import("./version.ts");
      process.stdout.write(`godwit ${VERSION}\n`);
      return 0;
    }
    case "help": {
      const { help } = await import("./commands.ts");
      process.stdout.write(`${help(args.topic)}\n`);
      return 0;
    }
    case "exec":
    case "resume": {
      const { runExec } = await import("./run-exec.ts");
      return runExec(args);
    }
    case "rehearse": {
      const { rehearse } = await import("./rehearse.ts");
      return rehearse(args);
    }
    default:
      return args satisfies never;
  }
}
