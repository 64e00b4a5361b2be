import type { RootPaths } from './paths.ts';
import { syncFolder, writeSynced } from './sync.ts';

/**
 * Writes the generated text to `stage/`, on live's file system and outside any folder that Vector reads, and returns its
 * path once it is on disk. The file will be renamed to live as it is, so everyone may read it from the start: a Vector of
 * another user that may not open a configuration file leaves it out and calls that a reload (0.57), with every source in it.
 */
export const stage = async ({ paths, text }: { paths: RootPaths; text: string }): Promise<string> => {
  await writeSynced({ file: paths.stagedFile, text });
  await syncFolder(paths.stage);
  return paths.stagedFile;
};
