/** The one error class of this room, and the sentences for what a disk can do to a log. */

export type ArchiveCode =
  /** Another process writes to this log. */
  | "locked"
  /** A line that is not the entry that must stand there. */
  | "corrupt"
  /** Written by a later version. */
  | "newer-format"
  /** The first entry is not what opens a thread. */
  | "not-a-log"
  | "not-found"
  /** A new log was to be made where there is one. */
  | "exists"
  /** No room left on the disk, or in the quota. */
  | "full"
  | "denied"
  | "io";

export class ArchiveError extends Error {
  override readonly name = "ArchiveError";
  readonly code: ArchiveCode;

  constructor(code: ArchiveCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

const CODES: Readonly<Record<string, ArchiveCode>> = {
  ENOENT: "not-found",
  EEXIST: "exists",
  ENOSPC: "full",
  EDQUOT: "full",
  EFBIG: "full",
  EACCES: "denied",
  EPERM: "denied",
  EROFS: "denied",
};

/** What the code of a failed system call means for the user, and what to do about it. */
const WORDS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EEXIST: "it exists already",
  ENOSPC: "the disk is full; free some room and resume the thread",
  EDQUOT: "your disk quota is used up; free some room and resume the thread",
  EFBIG: "the file would be larger than this system allows",
  EACCES: "permission denied; make it writable, set GODWIT_HOME to another folder, or use --ephemeral",
  EPERM: "permission denied; make it writable, set GODWIT_HOME to another folder, or use --ephemeral",
  EROFS: "the disk is read-only; set GODWIT_HOME to another folder, or use --ephemeral",
  ENOTDIR: "a part of its path is a file, not a folder; set GODWIT_HOME to a folder",
  EISDIR: "it is a folder",
  EIO: "the disk reports an error",
  EMFILE: "too many files are open",
  ENFILE: "too many files are open",
};

/**
 * A failed system call as an ArchiveError; one that already is an ArchiveError is handed back.
 *
 * @param action what could not be done, such as "write to log"
 */
export function toArchiveError(action: string, path: string, cause: unknown): ArchiveError {
  if (cause instanceof ArchiveError) return cause;
  const code = errnoOf(cause);
  const reason = WORDS[code] ?? (cause instanceof Error ? cause.message : String(cause));
  return new ArchiveError(CODES[code] ?? "io", `Cannot ${action} "${path}": ${reason}`, { cause });
}

/** The code of a failed system call, such as ENOENT; empty for anything else. */
export function errnoOf(error: unknown): string {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === "string" ? code : "";
}
