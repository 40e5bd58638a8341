/** Changed files: what became of each file over a turn, several changes told as one. */
import { relative, resolve } from "node:path";
import type { FileChange } from "../thread/entry.ts";

type Change = FileChange["change"];

export class ChangedFiles {
  readonly #cwd: string;
  readonly #changes = new Map<string, Change>();

  constructor(cwd: string) {
    this.#cwd = cwd;
  }

  /** @param folder what the paths are relative to. */
  add(files: readonly FileChange[], folder: string): void {
    for (const { path, change, movedTo } of files) {
      this.#note(resolve(folder, path), movedTo === undefined ? change : "delete");
      if (movedTo !== undefined) this.#note(resolve(folder, movedTo), "add");
    }
  }

  /** Sorted by path; paths inside the working directory are relative to it. */
  list(): { path: string; change: Change }[] {
    return [...this.#changes]
      .map(([path, change]) => {
        const inside = relative(this.#cwd, path);
        return { path: inside === "" || inside.startsWith("..") ? path : inside, change };
      })
      .sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  #note(key: string, change: Change): void {
    const before = this.#changes.get(key);
    if (before === "add" && change === "delete") this.#changes.delete(key);
    else if (before === "add") return;
    else this.#changes.set(key, before === "delete" && change === "add" ? "update" : change);
  }
}
