/**
 * Entry: what Node runs. Answers --version at once; else opens the compile cache and hands over to main.
 *
 * Invariants  1. Any Node since 18 can read this file, so that an old one gets a sentence and no syntax error.
 *             2. Nothing calls process.exit: what was written to a pipe arrives.
 */
import module from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

// Not imported: an import reads all names of a module, and some of node:fs load streams, 4 ms. Old Nodes only get a sentence.
const { existsSync, readdirSync, readFileSync, statSync } = process.getBuiltinModule?.("node:fs") ?? {};

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const argv = process.argv.slice(2);

if (Number(process.versions.node.split(".")[0]) < 24) {
  console.error(
    `godwit: this is Node ${process.versions.node}; install Node 24 or newer, or set GODWIT_NODE to one.`,
  );
  process.exitCode = 2;
} else if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) {
  console.log(`godwit ${JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version}`);
} else {
  openCache();
  const { main } = await import(programFile());
  process.exitCode = await main(argv);
}

/** The bundle; in a checkout the sources, when the bundle is missing or older than one of them. */
function programFile() {
  const bundle = join(root, "dist", "main.mjs");
  const sources = join(root, "src");
  if (!existsSync(sources)) return bundle;
  const built = statSync(bundle, { throwIfNoEntry: false });
  return built && !holdsNewer(sources, built.mtimeMs) ? bundle : join(sources, "cli", "main.ts");
}

/** Folders count too: one that is newer has lost or won a file. No room has a dot in its name, every file has. */
function holdsNewer(folder, ms) {
  if (statSync(folder).mtimeMs > ms) return true;
  return readdirSync(folder).some((name) => {
    const path = `${folder}/${name}`;
    return name.includes(".") ? statSync(path).mtimeMs > ms : holdsNewer(path, ms);
  });
}

/**
 * Use the compiled code that the build left in dist/cache, or that an earlier start left there.
 * A Node of another version makes a folder of its own in it; only where that cannot be written, the user's home has one.
 */
function openCache() {
  if (enableCache(join(root, "dist", "cache"))) return;
  const home = process.env.GODWIT_HOME || (process.env.HOME && join(process.env.HOME, ".godwit"));
  if (home) enableCache(join(home, "cache"));
}

function enableCache(directory) {
  try {
    return module.enableCompileCache({ directory, portable: true }).status !== module.constants.compileCacheStatus.FAILED;
  } catch {
    // The first versions of 24 take a path only.
    return module.enableCompileCache(directory).status !== module.constants.compileCacheStatus.FAILED;
  }
}
