import assert from "node:assert/strict";
import { test } from "node:test";
import { commandEnv, type EnvPolicy } from "../../src/policy/command-env.ts";

const ENV = {
  PATH: "/bin",
  HOME: "/here",
  LC_ALL: "C",
  TERM: "xterm",
  PAGER: "less",
  A_TOKEN: "abcd1234efgh",
  NODE_ENV: "test",
  NODE_PATH: "/n",
  a_b: "1",
  GONE: undefined,
  ACME: "provider-key-1",
};

test("each key of the policy changes what a command finds", () => {
  const cases: readonly (readonly [policy: EnvPolicy, names: string])[] = [
    [{}, "PATH HOME LC_ALL NODE_ENV NODE_PATH a_b"],
    [{ inherit: "all" }, "PATH HOME LC_ALL NODE_ENV NODE_PATH a_b"],
    [{ inherit: "core" }, "PATH HOME LC_ALL"],
    [{ inherit: "none" }, ""],
    [{ ignore_default_excludes: true }, "PATH HOME LC_ALL A_TOKEN NODE_ENV NODE_PATH a_b"],
    [{ exclude: ["node_*", "A?B", "x"] }, "PATH HOME LC_ALL"],
    [{ exclude: ["*"] }, ""],
    [{ exclude: ["NODE.*", "(", "[A-Z]*", "PAT"] }, "PATH HOME LC_ALL NODE_ENV NODE_PATH a_b"],
    [{ include_only: ["path", "NODE*", "A_TOKEN"] }, "PATH NODE_ENV NODE_PATH"],
    [{ include_only: ["*"], inherit: "core" }, "PATH HOME LC_ALL"],
    [{ inherit: "none", set: { ONE: "1", PAGER: "more", ACME: "given" } }, "ONE PAGER ACME"],
    [{ set: { ONE: "1" }, include_only: ["P*"] }, "PATH"],
    [{ set: { NODE_ENV: "set" }, exclude: ["NODE_*"] }, "PATH HOME LC_ALL a_b NODE_ENV"],
  ];
  for (const [policy, names] of cases) {
    assert.equal(Object.keys(commandEnv(ENV, policy, ["ACME"])).join(" "), names, JSON.stringify(policy));
  }
});

test("what is set stands over what was inherited, by exact name", () => {
  const env = commandEnv(ENV, { set: { HOME: "/other", path: "small" } }, []);
  assert.deepEqual([env.HOME, env.PATH, env.path], ["/other", "/bin", "small"]);
  const odd = commandEnv({}, { set: JSON.parse('{"__proto__": "x"}') as Record<string, string> }, []);
  assert.deepEqual(Object.keys(odd), ["__proto__"]);
});
