/** What the bench reads in /proc. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { ProcessTree, parseStat } from "../../bench/process-tree.ts";

test("a process whose name holds brackets and blanks is read right", () => {
  const rest = "S 7 1 1 0 -1 4194304 10 20 0 0 3 4 50 60 20 0 11 0 12345 1000000 256 18446744073709551615";
  assert.deepEqual(parseStat(`42 (a) b (c) ${rest}`), {
    pid: 42,
    parent: 7,
    residentBytes: 256 * 4096,
    childrenMs: 1100,
  });
});

test("the peak of this process is what Node says of it", { skip: !existsSync("/proc/self/stat") }, () => {
  const tree = new ProcessTree(process.pid);
  tree.look();
  const { rss } = process.memoryUsage();
  assert.ok(tree.peakBytes > rss / 2 && tree.peakBytes < rss * 2, `${tree.peakBytes} beside ${rss}`);
});
