// Godwit from a checkout. GODWIT_REPO names it (default: this checkout). Needs `npm ci && npm run build` there.
import path from 'node:path';

const repo = process.env.GODWIT_REPO ?? path.resolve(import.meta.dirname, '..', '..', '..');
const bin = process.env.GODWIT_BIN ?? path.join(repo, 'bin', 'godwit');

export const config = ({ base, scenario, model }) => `model = "${model}"
model_provider = "bench"
model_context_window = ${scenario.window}
approval_policy = "never"
sandbox_mode = "danger-full-access"

[model_providers.bench]
name = "bench"
base_url = "${base}/v1"
wire_api = "responses"
env_key = "BENCH_API_KEY"
`;

export default {
  name: 'godwit',
  packages: [],
  version: () => ({ cmd: bin, args: ['--version'] }),
  setup: (c) => c.write('.godwit/config.toml', config(c)),
  command: (c) => ({ cmd: bin, args: ['exec', '--skip-git-repo-check', '--json', c.prompt], env: { BENCH_API_KEY: c.key, GODWIT_HOME: path.join(c.home, '.godwit') } }),
};
