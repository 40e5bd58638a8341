/** Facts: what the conversion of one file must know of the files around it. */

/**
 * What a required module offers, and so how it is imported.
 * named: an object of names; default: one value; both: an ES module with both; none: nothing.
 */
export type Shape = "named" | "default" | "both" | "none";

export interface Target {
  readonly kind: Shape | "json" | "builtin" | "package";
  /** The specifier as an ES module must write it: with extension, folders spelt out. */
  readonly specifier: string;
}

export interface Facts {
  /** By specifier, as the file writes it. */
  readonly modules: Readonly<Record<string, Target>>;
  /** What the importers of this file expect of it. */
  readonly self: Shape;
  /** Does every Node that may run it know `import.meta.main` (24.2 and later)? */
  readonly hasImportMetaMain: boolean;
  /** And `import.meta.filename` and `import.meta.dirname` (20.11 and later)? */
  readonly hasImportMetaFilename: boolean;
  /** Also answer `require()` with the default export, for callers outside or that name the file at run time. */
  readonly servesRequire?: boolean;
}

export type Conversion =
  | { readonly kind: "converted"; readonly text: string; readonly notes: readonly string[] }
  | { readonly kind: "blocked"; readonly reason: string };

/** Thrown inside the conversion and caught by `convert` alone: it becomes the outcome `blocked`. */
export class Blocked extends Error {}
