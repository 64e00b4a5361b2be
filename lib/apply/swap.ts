import { lstat, readFile, rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readOwnFile } from './own.ts';
import type { RootPaths } from './paths.ts';
import { syncFolder } from './sync.ts';

/**
 * Makes the staged file live in one step: at no moment is live absent (a Vector that is told to reload then ends), half
 * written or mixed. Equal bytes are left alone: `isChanged` says whether live is another file now.
 */
export const swap = async ({ paths }: { paths: RootPaths }): Promise<{ isChanged: boolean }> => {
  const [staged, live] = await Promise.all([readFile(paths.stagedFile), readLive(paths)]);
  if (live !== undefined && staged.equals(live)) return { isChanged: false };
  await moveAway(paths);
  await rename(paths.stagedFile, paths.liveFile);
  await syncFolder(paths.live);
  await syncFolder(paths.stage);
  return { isChanged: true };
};

/** The bytes that are live; undefined before the first swap, and for what nvl did not put there: see `readOwnFile`. */
export const readLive = (paths: Pick<RootPaths, 'liveFile'>): Promise<Buffer | undefined> =>
  readOwnFile(paths.liveFile);

/** A folder in the live file's place is no file of nvl's, and the only thing that a rename does not replace. */
const moveAway = async ({ live, liveFile, stage }: RootPaths): Promise<void> => {
  const found = await lstat(liveFile).catch(() => undefined);
  if (found?.isDirectory() === true) await rename(liveFile, join(stage, `${basename(live)}-${Date.now()}`));
};
