import assert from "node:assert/strict";
import { test } from "node:test";
import { byteLength } from "../../src/kit/tokens.ts";
import { changedFragments, fragmentsOf, type Surroundings } from "../../src/prompt/fragment.ts";

const around: Surroundings = {
  sandbox: "workspace-write",
  approval: "never",
  developerInstructions: "Be kind.",
  agents: { path: "AGENTS.md", text: "Use tabs.\n" },
  agentsMaxBytes: 100,
  cwd: "/p",
  shell: "/bin/bash",
  date: "2026-01-01",
};

test("fragments stand in the order of the prompt, what changes often last", () => {
  assert.deepEqual(
    fragmentsOf(around).map(({ name, role }) => `${role} ${name}`),
    ["developer permissions", "developer developer_instructions", "user agents_md", "user environment"],
  );
  assert.deepEqual(
    fragmentsOf({ ...around, developerInstructions: "", agents: null }).map(({ name }) => name),
    ["permissions", "environment"],
  );
});

test("project instructions keep to their cap and say what was cut, in bytes", () => {
  const [, , agents] = fragmentsOf({ ...around, agents: { path: "AGENTS.md", text: "ä".repeat(100) } });
  assert.match(agents?.text ?? "", /\[… 100 bytes left out: the limit is 100 bytes …\]/);
  assert.ok(byteLength(agents?.text ?? "") < 260);
});

test("only what changed is said again, and what went away is said to be gone, once", () => {
  const known = new Map(fragmentsOf(around).map((fragment) => [fragment.name as string, fragment]));
  assert.deepEqual(changedFragments(known, fragmentsOf(around)), []);
  const later = fragmentsOf({ ...around, cwd: "/q", agents: null });
  const changed = changedFragments(known, later);
  assert.deepEqual(
    changed.map(({ name }) => name),
    ["environment", "agents_md"],
  );
  for (const fragment of changed) known.set(fragment.name, fragment);
  assert.deepEqual(changedFragments(known, later), []);
});
