/** The path of a key as people write it: `model_providers.mine.base_url`, names with odd characters in quotes. */

export const printPath = (path: readonly string[]): string =>
  path.map((name) => (/^[\w-]+$/.test(name) ? name : JSON.stringify(name))).join(".");
