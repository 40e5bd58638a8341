/**
 * Compose: the edges of one thread, wired to the engine's ports.
 *
 * Owns        which tools there are and in which order, and what a setup is made of.
 * Invariants  1. Nothing here does I/O beyond reading AGENTS.md: processes, index and spill come when first used.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type BudgetOptions, budgetFor } from "../compact/budget.ts";
import type { Log, Ports, Tool } from "../engine/ports.ts";
import type { Setup } from "../engine/session.ts";
import { tokensOf } from "../kit/tokens.ts";
import { commandEnv, type EnvPolicy } from "../policy/command-env.ts";
import { providerSecrets } from "../policy/provider-secrets.ts";
import { createMask, secretsOf } from "../policy/secrets.ts";
import { BASE_INSTRUCTIONS } from "../prompt/base.ts";
import { fragmentsOf, type Sandbox } from "../prompt/fragment.ts";
import { createRun, type ProcessRun } from "../sandbox/run.ts";
import { createApplyPatch } from "../tools/apply-patch.ts";
import { patchInCommand } from "../tools/patch/heredoc.ts";
import { createShellTools } from "../tools/shell-tools.ts";
import { createUpdatePlan } from "../tools/update-plan.ts";
import { createViewImage } from "../tools/view-image.ts";
import type { ModelInfo } from "../upstream/models.ts";
import type { Provider } from "../upstream/providers.ts";
import { createResponsesModel } from "../upstream/responses.ts";
import { printSorted } from "../wire/request.ts";
import { VERSION } from "./version.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** All that a thread is run with, as plain values. */
export interface Wish {
  readonly thread: string;
  readonly cwd: string;
  readonly env: Env;
  readonly provider: Provider;
  readonly model: string;
  readonly info: ModelInfo;
  readonly limit: number;
  readonly sandbox: Sandbox;
  readonly approval: string;
  readonly budget: BudgetOptions;
  readonly developerInstructions: string;
  readonly agentsMaxBytes: number;
  readonly agentsFallbacks: readonly string[];
  readonly effort?: string | undefined;
  readonly summary?: string | undefined;
  readonly schema: Setup["settings"]["schema"];
  readonly maxRequests: number;
  readonly maxTokens: number;
  /** What commands find in their environment. */
  readonly shellEnvironment?: EnvPolicy;
  /** Number of the first session; those before it are of an earlier process. @default 1 */
  readonly firstSession?: number;
  /** Where long outputs are kept whole. */
  readonly spillDir: string;
  /** Milliseconds since 1970. */
  now(): number;
}

export type Composed =
  | { readonly kind: "ok"; readonly ports: Ports; readonly setup: Setup; readonly run: ProcessRun }
  | { readonly kind: "refused"; readonly message: string };

/** Wire everything for one thread on `log`. Refused when the model's limit is too small or a cap cannot fit. */
export function compose(wish: Wish, log: Log): Composed {
  const sized = budgetFor(wish.limit, {
    ...wish.budget,
    ...(wish.info.maxOutput ? { maxOutput: wish.info.maxOutput } : {}),
  });
  if (sized.kind === "refused") return sized;
  const { shellEnvironment = {}, env } = wish;
  const own = providerSecrets(wish.provider, env);
  const mask = createMask([...own.secrets, ...secretsOf(env), ...secretsOf(shellEnvironment.set ?? {})]);
  const run = createRun({ spillDir: wish.spillDir, mask, env: commandEnv(env, shellEnvironment, own.variables) });
  const ports: Ports = {
    log,
    model: createResponsesModel(wish.provider, {
      env: wish.env,
      random: Math.random,
      delay,
      userAgent: `godwit/${VERSION}`,
    }),
    clock: { now: wish.now },
    inbox: { take: () => [] },
    tools: toolsOf(run, wish),
    hash: (text) => createHash("sha256").update(text).digest("hex"),
    mask,
  };
  const setup = setupOf(wish, sized.budget);
  const trouble = lineTrouble(wish, setup, ports.tools);
  return trouble === null ? { kind: "ok", ports, run, setup } : { kind: "refused", message: trouble };
}

/** A line that the user set must lie above what no fold can take away; else every step would try in vain. */
function lineTrouble(
  { budget: asked }: Wish,
  { base, fragments, budget }: Setup,
  tools: readonly Tool[],
): string | null {
  const isOwn = asked.autoCompactLimit !== undefined || asked.hard !== undefined;
  if (!isOwn || budget.hard === 0) return null;
  const texts = [printSorted(tools.map(({ spec }) => spec)), base, ...fragments.map(({ text }) => text)];
  const head = texts.reduce((sum, text) => sum + tokensOf(text), 0);
  const floor = head + budget.added + budget.tail.tokens;
  if (budget.hard >= floor) return null;
  return `Cannot fold above ${budget.hard} tokens: instructions, tools and context take ${head}, and a folded thread needs ${floor}; set model_auto_compact_token_limit or [compaction] hard to at least ${floor}, or to 0 for never.`;
}

/** The tools in the order of the prompt. */
function toolsOf(run: ProcessRun, { env, info, firstSession }: Wish): Tool[] {
  const { execCommand, writeStdin } = createShellTools(run, {
    shell: shellOf(env),
    ...(firstSession === undefined ? {} : { firstSession }),
    now: () => performance.now(),
    patch: patchFromShell,
  });
  return [
    execCommand,
    writeStdin,
    createApplyPatch({ form: info.patch }),
    createUpdatePlan(),
    ...(info.images ? [createViewImage({ images: true })] : []),
  ];
}

/** A shell command that only applies a patch is one; the patch code loads when the first such command comes. */
async function patchFromShell(cmd: string, cwd: string, signal: AbortSignal) {
  const found = patchInCommand(cmd);
  if (!found) return null;
  const { runPatch } = await import("../tools/patch/run-patch.ts");
  return runPatch(found.patch, found.cwd ? resolve(cwd, found.cwd) : cwd, signal);
}

function setupOf(wish: Wish, budget: Setup["budget"]): Setup {
  const { info, sandbox, approval } = wish;
  const effort = wish.effort ?? info.reasoning?.effort;
  const summary = wish.summary ?? info.reasoning?.summary;
  const reasoning =
    info.reasoning || wish.effort ? { ...(effort ? { effort } : {}), ...(summary ? { summary } : {}) } : null;
  return {
    thread: wish.thread,
    target: { provider: wish.provider.id, family: info.family, limit: wish.limit, images: info.images, seals: false },
    budget,
    settings: {
      model: wish.model,
      cacheKey: wish.thread,
      parallelToolCalls: info.parallelToolCalls,
      reasoning,
      schema: wish.schema ?? null,
    },
    base: BASE_INSTRUCTIONS,
    place: info.place,
    fragments: fragmentsOf({
      sandbox,
      approval,
      developerInstructions: wish.developerInstructions,
      agents: agentsOf(wish),
      agentsMaxBytes: Math.min(
        wish.agentsMaxBytes,
        wish.limit < 32_000 ? Math.floor(wish.limit * 0.06 * 4) : wish.agentsMaxBytes,
      ),
      cwd: wish.cwd,
      shell: shellOf(wish.env),
      date: new Date(wish.now()).toISOString().slice(0, 10),
    }),
    cwd: wish.cwd,
    policy: `${sandbox}/${approval}`,
    hasRecall: false,
    maxRequests: wish.maxRequests,
    maxTokens: wish.maxTokens,
  };
}

/** The instructions of the working directory: AGENTS.md, or the first fallback that is there. */
function agentsOf({ cwd, agentsFallbacks }: Wish): { path: string; text: string } | null {
  for (const name of ["AGENTS.md", ...agentsFallbacks]) {
    try {
      return { path: name, text: readFileSync(join(cwd, name), "utf8") };
    } catch {
      // Not there or not readable: the next name.
    }
  }
  return null;
}

const shellOf = (env: Env): string => (env.SHELL && /\/(ba|z|da|k)?sh$/.test(env.SHELL) ? env.SHELL : "/bin/bash");

async function delay(ms: number, signal: AbortSignal): Promise<void> {
  await wait(ms, undefined, { signal }).catch(() => {});
}

/** Where long outputs go: beside the logs, or in a temporary folder when nothing is to be kept. */
export const spillFolder = (home: string, thread: string, isEphemeral: boolean): string =>
  isEphemeral ? join(tmpdir(), `godwit-${thread}`) : join(home, "spill", thread);
