// A deterministic small git repository: sources, a test, and one data file per scripted step.
import fs from 'node:fs';
import path from 'node:path';
import { execFileSync } from 'node:child_process';
import { fileText, stepFile } from './prompts.mjs';

export function makeWorkspace(dir, { steps, outBytes }) {
  fs.mkdirSync(path.join(dir, 'src'), { recursive: true });
  fs.mkdirSync(path.join(dir, 'test'), { recursive: true });
  fs.mkdirSync(path.join(dir, 'data'), { recursive: true });
  fs.writeFileSync(path.join(dir, 'README.md'), '# Sample\n\nA small repository used as a workspace by the benchmark.\n');
  fs.writeFileSync(path.join(dir, 'package.json'), `${JSON.stringify({ name: 'sample', version: '1.0.0', type: 'module', private: true, scripts: { test: 'node --test' } }, null, 2)}\n`);
  for (let i = 1; i <= 20; i++) {
    fs.writeFileSync(path.join(dir, 'src', `mod${i}.js`), `// module ${i}\nexport function f${i}(x) {\n  return x * ${i} + ${i * 7};\n}\n${fileText(9000 + i, 1200).replace(/^/gm, '// ')}`);
  }
  fs.writeFileSync(path.join(dir, 'test', 'mod1.test.js'), "import test from 'node:test';\nimport assert from 'node:assert';\nimport { f1 } from '../src/mod1.js';\ntest('f1', () => assert.equal(f1(1), 8));\n");
  for (let n = 1; n <= Math.max(1, steps); n++) fs.writeFileSync(path.join(dir, 'data', stepFile(n)), fileText(n, outBytes));
  const date = '2026-01-01T00:00:00Z';
  const env = { PATH: process.env.PATH, HOME: dir, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date, GIT_AUTHOR_NAME: 'bench', GIT_AUTHOR_EMAIL: 'bench@invalid', GIT_COMMITTER_NAME: 'bench', GIT_COMMITTER_EMAIL: 'bench@invalid' };
  const git = (...a) => execFileSync('git', a, { cwd: dir, env, stdio: ['ignore', 'ignore', 'pipe'] });
  git('init', '-q', '-b', 'main');
  git('add', '-A');
  git('commit', '-q', '-m', 'start');
}
