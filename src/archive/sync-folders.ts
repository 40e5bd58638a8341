/** Names of new files and folders, made to last. */
import { close, fsync, open } from "node:fs";
import { dirname } from "node:path";
import { errnoOf } from "./archive-error.ts";

/** What file systems answer that cannot do this for a folder, or need not. */
const HARMLESS = new Set(["EINVAL", "ENOTSUP", "EOPNOTSUPP", "EBADF", "EISDIR", "EPERM", "EACCES", "ENOSYS"]);

/**
 * Put a folder's names on the disk, and its own name, up to the parent of the first folder that was made for it.
 *
 * @param firstMade what `makeFolders` returned
 * @effects runs beside the program; rejects with what the system said
 */
export async function syncFolders(folder: string, firstMade: string | undefined): Promise<void> {
  const folders = [folder];
  for (let at = folder; firstMade !== undefined && at.length >= firstMade.length && dirname(at) !== at; ) {
    at = dirname(at);
    folders.push(at);
  }
  await Promise.all(folders.map(syncFolder));
}

const syncFolder = (folder: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const settle = (error: Error | null): void => {
      if (error === null || HARMLESS.has(errnoOf(error))) resolve();
      else reject(error);
    };
    open(folder, "r", (failed, fd) => {
      if (failed !== null) return settle(failed);
      fsync(fd, (error) => close(fd, () => settle(error)));
    });
  });
