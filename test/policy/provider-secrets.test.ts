import assert from "node:assert/strict";
import { test } from "node:test";
import { providerSecrets } from "../../src/policy/provider-secrets.ts";

test("the key, the headers and the parameters of a provider are secrets by value", () => {
  const provider = {
    env_key: "ACME_LLM",
    http_headers: { Authorization: "Bearer fixed words", "X-Org": "organisation" },
    env_http_headers: { "X-Tenant": "TENANT", "X-Unset": "NOT_SET" },
    query_params: { sig: "a1b2c3d4e5f6", "api-version": "2024-05-01-preview" },
  };
  assert.deepEqual(providerSecrets(provider, { ACME_LLM: "acme key", TENANT: "one of many" }), {
    secrets: [
      { name: "ACME_LLM", value: "acme key" },
      { name: "TENANT", value: "one of many" },
      { name: "Authorization", value: "Bearer fixed words" },
      { name: "Authorization", value: "fixed words" },
      { name: "X-Org", value: "organisation" },
      { name: "sig", value: "a1b2c3d4e5f6" },
    ],
    variables: ["ACME_LLM", "TENANT", "NOT_SET"],
  });
});

test("what stands in ordinary texts, or what every command needs, is no secret of a provider", () => {
  const provider = {
    env_key: "KEY",
    http_headers: { Accept: "application/json", "X-Title": "A title of mine", "anthropic-version": "2023-06-01" },
    env_http_headers: { "X-User": "USER", "User-Agent": "AGENT_NAME" },
  };
  assert.deepEqual(providerSecrets(provider, { KEY: "undefined", USER: "somebody", AGENT_NAME: "agent 1.0" }), {
    secrets: [],
    variables: ["KEY"],
  });
  assert.deepEqual(providerSecrets({}, { A: "b" }), { secrets: [], variables: [] });
});
