import { open } from 'node:fs/promises';
import { hasCode } from '../errors.ts';
import { openNew } from './own.ts';

/** Writes a whole new file and returns when the disk has it. Everyone may read it by default, whatever nvl's umask: see `stage.ts`. */
export const writeSynced = async ({
  file,
  text,
  mode = 0o644,
}: {
  file: string;
  text: string | Uint8Array;
  mode?: number;
}): Promise<void> => {
  const handle = await openNew({ file, mode });
  try {
    await handle.chmod(mode);
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/** Returns when the disk has the folder's entries: a rename or a new file in it survives a power cut from then on. */
export const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } catch (error) {
    // Some network file systems do not sync folders, and lose nothing by it.
    if (!hasCode(error, 'EINVAL', 'ENOTSUP')) throw error;
  } finally {
    await handle.close();
  }
};
