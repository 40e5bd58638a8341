import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { childEnv, createMask, holdsPlaceholder, secretsOf } from "../../src/policy/secrets.ts";

const mask = createMask([]);
const BODY = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7";
// Built from pieces, so that no scanner takes this file for a leak.
const key = (start: string, rest: string): string => start + rest;
const JWT = key("eyJ", "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P");

const MASKED: readonly (readonly [text: string, masked: string])[] = [
  [`key ${key("sk-", "proj-aB3dE5fG7hJ9kL1mN3pQ5")} end`, "key [secret:openai-key] end"],
  [key("sk-", "ant-api03-aB3dE5fG7hJ9kL1m_N3pQ5"), "[secret:anthropic-key]"],
  [key("sk-", "or-v1-0a1b2c3d4e5f60718293a4b5"), "[secret:openrouter-key]"],
  [`url(${key("ghp_", "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5")})`, "url([secret:github-token])"],
  [key("gho_", "aB3dE5fG7hJ9kL1mN3pQ"), "[secret:github-token]"],
  [key("github_pat_", "11ABCDEFG0aB3dE5fG7hJ9_kL1mN3pQ5rS7tU9"), "[secret:github-token]"],
  [key("glpat-", "aB3dE5fG7hJ9kL1mN3pQ"), "[secret:gitlab-token]"],
  [key("xoxb-", "123456789012-abcdefABCDEF"), "[secret:slack-token]"],
  [key("AKIA", "IOSFODNN7EXAMPLE"), "[secret:aws-key-id]"],
  [key("AIza", "SyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q"), "[secret:google-key]"],
  [key("npm_", "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5"), "[secret:npm-token]"],
  [key("hf_", "aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789"), "[secret:huggingface-token]"],
  ["Authorization: Bearer a1B2c3D4e5F6", "Authorization: Bearer [secret:bearer-token]"],
  [`x=${JWT};`, "x=[secret:jwt];"],
  ["postgres://app:p4ssw0rd99x@db:5432/x", "postgres://app:[secret:url-password]@db:5432/x"],
  [
    `-----BEGIN RSA PRIVATE KEY-----\n${BODY}\n  ${BODY}\n-----END RSA PRIVATE KEY-----\nrest`,
    "-----BEGIN RSA PRIVATE KEY-----\n[secret:private-key]\n  [secret:private-key]\n-----END RSA PRIVATE KEY-----\nrest",
  ],
  [`-----BEGIN PRIVATE KEY-----\n${BODY}`, "-----BEGIN PRIVATE KEY-----\n[secret:private-key]"],
  [
    `"-----BEGIN PRIVATE KEY-----\\n${BODY}\\n-----END PRIVATE KEY-----\\n"`,
    '"-----BEGIN PRIVATE KEY-----[secret:private-key]-----END PRIVATE KEY-----\\n"',
  ],
  [
    `-----BEGIN PRIVATE KEY-----\n${BODY}\nab3=\ncut here`,
    "-----BEGIN PRIVATE KEY-----\n[secret:private-key]\nab3=\ncut here",
  ],
  ["STRIPE_KEY=a1b2c3d4e5zz", "STRIPE_KEY=[secret:STRIPE_KEY]"],
  ["export DB_PASSWORD='hunter2hunter2'", "export DB_PASSWORD='[secret:DB_PASSWORD]'"],
  ['{"api_key": "0123456789abcdef0123456789abcdef"}', '{"api_key": "[secret:api_key]"}'],
  ['{\\"apiKey\\": \\"a1b2c3d4e5f6\\"}', '{\\"apiKey\\": \\"[secret:apiKey]\\"}'],
  ["clientSecret: 'q8Z~x7W6v5U4t3S2'", "clientSecret: '[secret:clientSecret]'"],
  ["curl 'https://x.test/?api_key=a1b2c3d4e5f6g7h8&q=1'", "curl 'https://x.test/?api_key=[secret:api_key]&q=1'"],
  ["x-api-key: a1b2c3d4e5f6g7h8", "x-api-key: [secret:x-api-key]"],
  [
    `+${key("sk-", "aB3dE5fG7hJ9")}\n-${key("ghp_", "aB3dE5fG7hJ9kL1mN3pQ")}`,
    "+[secret:openai-key]\n-[secret:github-token]",
  ],
  [`T=${key("hf_", "aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789")}`, "T=[secret:huggingface-token]"],
  ["--api-key=a1b2c3d4e5f6g7h8 -v", "--api-key=[secret:api-key] -v"],
];

test("what is shaped like a key is replaced by its kind or by the name it is assigned to", () => {
  for (const [text, masked] of MASKED) assert.equal(mask(text), masked, text);
});

const UNTOUCHED: readonly string[] = [
  "const key = getKey();",
  "token: string;",
  "function f(apiKey: string, token?: Token): void {}",
  "const API_KEY = process.env.API_KEY;",
  "apiKey: config.apiKey2.value1,",
  'password: "password"',
  'const STORAGE_KEY = "todo-list-v1";',
  'const SESSION_KEY = "user_session_1";',
  'apiKey: "YOUR_API_KEY_HERE"',
  "OPENAI_API_KEY=sk-xxxxxxxxxxxxxxxxxxxx",
  "max_tokens: 16384, total_tokens=123456789",
  '"cacheKey": "9f86d081884c7d659a2feaa0c55ad015"',
  'prompt_cache_key: "0192f0c1-2b3c-7d4e-8f5a-6b7c8d9e0f1a"',
  "commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  file.txt",
  '"integrity": "sha512-aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5=="',
  "0192f0c1-2b3c-7d4e-8f5a-6b7c8d9e0f1a",
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  '<div class="sk-folding-cube sk-circle12 sk-fading-circle">',
  "task-1234abcd5678 and risk-a1b2c3d4e5",
  "git clone https://github.com/user/repo.git # postgres://postgres:postgres@localhost/db",
  "Bearer authentication is used; Bearer realm=x",
  "keyboard: qwerty123456, monkey = 'banana12345x'",
  "-----BEGIN CERTIFICATE-----\nMIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQswCQ\n-----END CERTIFICATE-----",
  "if (line.includes('-----BEGIN PRIVATE KEY-----')) throw new Error('-----END PRIVATE KEY-----');",
  `secret: $${"{{ secrets.GITHUB_TOKEN }}"}`,
  "const token = base64UrlDecode2(value);",
  'private_key: "_EllipticCurvePrivateKey", data: bytes',
  `const begin = "-----BEGIN PRIVATE KEY-----";\nconst hash = "${"0a".repeat(32)}";\nfunction f() {}\n-----END PRIVATE KEY-----`,
  "import { hf_transfer_helpers } from 'npm_config_helpers';",
];

test("ordinary code, hashes, ids and images are not touched", () => {
  for (const text of UNTOUCHED) assert.equal(mask(text), text);
});

test("known values are replaced wherever they stand, the longest first", () => {
  const known = createMask([
    { name: "SHORT", value: "abc" },
    { name: "INNER", value: "correct-horse" },
    { name: "OUTER", value: "correct-horse-battery" },
    { name: "QUOTED", value: 'say "please"/now' },
    { name: "PEM", value: "first line\nsecond line" },
    { name: "odd name]", value: "odd value" },
  ]);
  assert.equal(known("abc correct-horse-battery, correct-horse!"), "abc [secret:OUTER], [secret:INNER]!");
  assert.equal(
    known('{"a":"say \\"please\\"/now"} say%20%22please%22%2Fnow'),
    '{"a":"[secret:QUOTED]"} [secret:QUOTED]',
  );
  assert.equal(known("x\nfirst line\nsecond line\ny"), "x\n[secret:PEM]\n[secret:PEM]\ny");
  assert.equal(known("odd value"), "[secret:odd_name_]");
});

test("masking twice is masking once, and the number of lines stays", () => {
  const known = createMask([
    { name: "K1", value: "secret:K2" },
    { name: "K2", value: "private-key" },
    { name: "K3", value: "line one\nline two" },
  ]);
  const pieces = [...MASKED.map(([text]) => text), "secret:K2", "private-key", "line one\nline two", "[secret:K1]"];
  const glue = ["\n", " ", "", "=", '"', "KEY=", "password: '", "[secret:", "]", "-", "Bearer "];
  const text = fc.array(fc.oneof(fc.constantFrom(...pieces, ...glue), fc.string()), { maxLength: 12 });
  fc.assert(
    fc.property(text, (parts) => {
      const once = known(parts.join(""));
      assert.equal(known(once), once);
      assert.equal(once.split("\n").length, parts.join("").split("\n").length);
    }),
    { numRuns: 2000 },
  );
});

test("a placeholder is told from text that only looks like one", () => {
  assert.equal(holdsPlaceholder("a [secret:OPENAI_API_KEY] b"), true);
  for (const text of ["", "[secret:]", "[secret:a b]", "secret:A", "[secrets:A]"])
    assert.equal(holdsPlaceholder(text), false);
});

const ENV = {
  OPENAI_API_KEY: "abcd1234efgh",
  GITHUB_TOKEN: "ghp_something1",
  MY_SECRET: "correct horse battery",
  PGPASSWORD: "hunter2hunter2",
  DATABASE_URL: "postgres://app:p%40ssw0rd9@db/x",
  HTTPS_PROXY: "http://me:proxypass1@proxy:3128",
  AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
  SHORT_KEY: "abc",
  SSH_KEY: "/home/me/.ssh/id_ed25519",
  GOOGLE_APPLICATION_CREDENTIALS: "./creds.json",
  MAX_TOKENS: "100000000",
  USE_SECRET: "true",
  OTHER_PASSWORD: "password",
  TOKEN_URL: "https://example.test/token",
  PWD: "/srv/project-12345",
  KEYBOARD: "qwertyuiop",
  PATH: "/usr/bin:/bin",
  EMPTY: undefined,
};

test("variables whose names say secret are found, paths and numbers are not", () => {
  assert.deepEqual(secretsOf(ENV), [
    { name: "OPENAI_API_KEY", value: "abcd1234efgh" },
    { name: "GITHUB_TOKEN", value: "ghp_something1" },
    { name: "MY_SECRET", value: "correct horse battery" },
    { name: "PGPASSWORD", value: "hunter2hunter2" },
    { name: "DATABASE_URL", value: "p%40ssw0rd9" },
    { name: "DATABASE_URL", value: "p@ssw0rd9" },
    { name: "HTTPS_PROXY", value: "proxypass1" },
    { name: "AWS_ACCESS_KEY_ID", value: "AKIAIOSFODNN7EXAMPLE" },
  ]);
});

test("a command gets the environment without its secrets, but with the proxy", () => {
  const kept = Object.keys(childEnv(ENV));
  const gone = [
    "OPENAI_API_KEY",
    "GITHUB_TOKEN",
    "MY_SECRET",
    "PGPASSWORD",
    "DATABASE_URL",
    "AWS_ACCESS_KEY_ID",
    "EMPTY",
  ];
  assert.deepEqual(
    kept,
    Object.keys(ENV).filter((name) => !gone.includes(name)),
  );
});

test("a megabyte without a secret comes back as the same string, soon", () => {
  const code = `export const cacheKey = (id: string): string => tokens[id] ?? "key: value";\n`.repeat(14_000);
  const before = performance.now();
  assert.equal(mask(code), code);
  assert.ok(performance.now() - before < 2000); // about 15 ms where nothing else runs
});

test("of a known secret in several lines each line is hidden, also when it comes alone", () => {
  const lines = [
    "-----BEGIN OPENSSH PRIVATE KEY-----",
    BODY,
    "q83vEjRWeJA=",
    "abc=",
    "-----END OPENSSH PRIVATE KEY-----",
  ];
  const known = createMask([{ name: "DEPLOY", value: `${lines.join("\r\n")}\n` }]);
  assert.equal(known(lines[1] as string), "[secret:DEPLOY]");
  assert.equal(known(`tail: ${lines[2]}\n`), "tail: [secret:DEPLOY]\n");
  assert.equal(known(encodeURIComponent(lines[2] as string)), "[secret:DEPLOY]");
  // The frame stays: by it the block of another key is found.
  const other = `${lines[0]}\n${BODY.toLowerCase()}\n${lines[4]}`;
  assert.equal(known(other), `${lines[0]}\n[secret:private-key]\n${lines[4]}`);
  assert.equal(known("abc="), "abc=");
  const listed = createMask([{ name: "LIST_SECRET", value: "horse battery\nproduction\n" }]);
  assert.equal(listed("a horse battery in production"), "a [secret:LIST_SECRET] in production");
});
