/** A home and a project folder of their own for one test, removed when it ends. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";

export interface TempHome {
  /** Above both of the others; removed with all that is in it. */
  readonly root: string;
  /** For HOME. */
  readonly userHome: string;
  /** For GODWIT_HOME: `.godwit` in the user's home. It is there, and empty. */
  readonly home: string;
  /** The folder to work in; it has no `.git`. */
  readonly project: string;
  /** PATH, HOME and GODWIT_HOME, and nothing else: no key of whoever runs the tests. */
  readonly env: Readonly<Record<string, string>>;
  /** Write a file below `root`, with the folders above it. */
  write(path: string, text: string): string;
}

/** Make them; `t.after` removes them. */
export function tempHome(t: TestContext): TempHome {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "godwit-test-")));
  const userHome = join(root, "user");
  const home = join(userHome, ".godwit");
  const project = join(root, "project");
  for (const folder of [home, project]) mkdirSync(folder, { recursive: true });
  t.after(() => rmSync(root, { recursive: true, force: true, maxRetries: 3 }));
  return {
    root,
    userHome,
    home,
    project,
    env: { PATH: process.env.PATH ?? "", HOME: userHome, GODWIT_HOME: home },
    write(path, text) {
      const file = join(root, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      return file;
    },
  };
}
