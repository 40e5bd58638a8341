/** Version: the package's own, read once from package.json beside `src/` or `dist/`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

// Sources stand two folders below package.json, the bundle one.
const places = ["..", "../.."].map((up) => join(import.meta.dirname, up, "package.json"));

function read(file: string): string | null {
  try {
    const { name, version } = JSON.parse(readFileSync(file, "utf8"));
    return name === "godwit" ? version : null;
  } catch {
    return null;
  }
}

export const VERSION: string = places.map(read).find((version) => version !== null) ?? "0.0.0";
