import { readFile, rename } from 'node:fs/promises';
import { moveFolderAway } from './move-away.ts';
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
  await moveFolderAway({ file: paths.liveFile, stage: paths.stage });
  await rename(paths.stagedFile, paths.liveFile);
  await syncFolder(paths.live);
  await syncFolder(paths.stage);
  return { isChanged: true };
};

/** The bytes that are live; undefined before the first swap, and for what nvl did not put there: see `readOwnFile`. */
export const readLive = (paths: Pick<RootPaths, 'liveFile'>): Promise<Buffer | undefined> =>
  readOwnFile(paths.liveFile);
