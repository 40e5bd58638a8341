/** House: what the project costs those who build and install it: seconds of the type check, bytes of the package. */
import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { filesBelow } from "../scripts/files.ts";
import { nowMs } from "./flight.ts";
import type { Table } from "./table.ts";

export function measureTypes(root: string, repeats: number): Table {
  const values = Array.from({ length: repeats }, () => {
    const before = nowMs();
    const { error } = spawnSync(join(root, "node_modules/.bin/tsc"), ["-p", "."], { cwd: root, stdio: "ignore" });
    if (error) throw error; // types that do not hold are told by `npm run check`, not here
    return (nowMs() - before) / 1e3;
  });
  return { title: "types", columns: ["tsc -p ."], rows: [{ name: "wall", unit: "s", values: [values] }] };
}

interface Packed {
  readonly size: number;
  readonly unpackedSize: number;
  readonly entryCount: number;
}

export function measureSize(root: string): Table {
  const options = { cwd: root, encoding: "utf8" } as const;
  const { stdout } = spawnSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], options);
  // One npm prints a list, another an object by the package's name.
  const packed = Object.values(JSON.parse(stdout) as Record<string, Packed>)[0];
  const dist = filesBelow(root, "dist").reduce((sum, file) => sum + statSync(join(root, file)).size, 0);
  const row = (name: string, unit: string, value: number | undefined) => ({
    name,
    unit,
    values: [value === undefined ? [] : [value]],
  });
  return {
    title: "size",
    columns: ["package"],
    rows: [
      row("tarball", "KB", packed && packed.size / 1e3),
      row("unpacked", "KB", packed && packed.unpackedSize / 1e3),
      row("files", "", packed?.entryCount),
      row("dist", "KB", dist / 1e3),
    ],
    notes: dist === 0 ? ["dist/ is not there: npm run build makes it."] : [],
  };
}
