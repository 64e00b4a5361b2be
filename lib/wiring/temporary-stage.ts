import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RootPaths, rootPaths } from '../apply/paths.ts';

/** Folders to prove in without touching the root: `validate` writes nothing that stays. */
export const withTemporaryStage = async <T>(paths: RootPaths, use: (paths: RootPaths) => Promise<T>): Promise<T> => {
  const folder = await mkdtemp(join(tmpdir(), 'nvl-'));
  try {
    const { stage: staging, stagedFile, mirror } = rootPaths(folder);
    await mkdir(staging, { recursive: true });
    return await use({ ...paths, stage: staging, stagedFile, mirror });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
