/**
 * Fragments: the typed, capped pieces of context that stand behind the base instructions.
 *
 * Owns        their words and their order: permissions, developer_instructions, agents_md, environment.
 * Invariants  1. Each has a cap in bytes; what is cut is said.
 *             2. What changes often (cwd, date) stands last.
 */

import { headBytes } from "../kit/cut.ts";
import { byteLength } from "../kit/tokens.ts";
import type { Fragment } from "../wire/fragment.ts";

export type Sandbox = "read-only" | "workspace-write" | "danger-full-access";

export interface Surroundings {
  readonly sandbox: Sandbox;
  readonly approval: string;
  readonly developerInstructions: string;
  /** Text of the AGENTS.md that counts here; empty when there is none. */
  readonly agents: { readonly path: string; readonly text: string } | null;
  readonly agentsMaxBytes: number;
  readonly cwd: string;
  readonly shell: string;
  /** YYYY-MM-DD */
  readonly date: string;
}

const BOXES: Readonly<Record<Sandbox, string>> = {
  "read-only": "Commands can read files but not write them, and have no network.",
  "workspace-write": "Commands can read files and write inside the working directory; they have no network.",
  "danger-full-access": "Commands run without a sandbox: they can write anywhere and reach the network. Be careful.",
};

const DEVELOPER_MAX_BYTES = 16_384;

/** All fragments of these surroundings, in the order of the prompt; empty ones are left out. */
export function fragmentsOf(around: Surroundings): Fragment[] {
  const fragments: Fragment[] = [
    { name: "permissions", role: "developer", text: permissions(around) },
    {
      name: "developer_instructions",
      role: "developer",
      text: capped(around.developerInstructions, DEVELOPER_MAX_BYTES),
    },
    { name: "agents_md", role: "user", text: agents(around) },
    { name: "environment", role: "user", text: environment(around) },
  ];
  return fragments.filter(({ text }) => text !== "");
}

/** Fragments of `next` whose text differs from what the thread shows now; a fragment that went away is said so. */
export function changedFragments(known: ReadonlyMap<string, Fragment>, next: readonly Fragment[]): Fragment[] {
  const changed = next.filter((fragment) => known.get(fragment.name)?.text !== fragment.text);
  const gone = [...known.values()].filter(({ name }) => name !== "notice" && !next.some((one) => one.name === name));
  const lifted = gone.map((fragment): Fragment => ({ ...fragment, text: goneText(fragment.name) }));
  return [...changed, ...lifted.filter(({ name, text }) => known.get(name)?.text !== text)];
}

/** What is said when a fragment no longer holds and nothing takes its place. */
const goneText = (name: Fragment["name"]): string =>
  `<${name}>\nThe ${WORDS[name]} given earlier no longer hold; nothing takes their place.\n</${name}>`;

const WORDS: Readonly<Record<Fragment["name"], string>> = {
  permissions: "permissions",
  developer_instructions: "developer instructions",
  agents_md: "project instructions",
  environment: "facts about the environment",
  notice: "notices",
};

function permissions({ sandbox, approval }: Surroundings): string {
  const asks =
    approval === "never"
      ? "Nobody is asked for approval: what the sandbox refuses stays refused."
      : "The user may be asked for approval.";
  return `<permissions>\nsandbox: ${sandbox}. ${BOXES[sandbox]}\napproval: ${approval}. ${asks}\n</permissions>`;
}

function agents({ agents, agentsMaxBytes }: Surroundings): string {
  if (!agents || agents.text.trim() === "" || agentsMaxBytes === 0) return "";
  return `<project_instructions file="${agents.path}">\n${capped(agents.text.trimEnd(), agentsMaxBytes)}\n</project_instructions>`;
}

function environment({ cwd, shell, date }: Surroundings): string {
  return `<environment_context>\n<cwd>${cwd}</cwd>\n<shell>${shell}</shell>\n<date>${date}</date>\n</environment_context>`;
}

function capped(text: string, sizeBytes: number): string {
  if (byteLength(text) <= sizeBytes) return text;
  const head = headBytes(text, sizeBytes);
  return `${head}\n[… ${byteLength(text) - byteLength(head)} bytes left out: the limit is ${sizeBytes} bytes …]`;
}
