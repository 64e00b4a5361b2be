import { lstat, rename } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** A folder in the place of a file of nvl's own is not nvl's, and the only thing that a rename does not replace. */
export const moveFolderAway = async ({ file, stage }: { file: string; stage: string }): Promise<void> => {
  const found = await lstat(file).catch(() => undefined);
  if (found?.isDirectory() === true) await rename(file, join(stage, `${basename(file)}-${Date.now()}`));
};
