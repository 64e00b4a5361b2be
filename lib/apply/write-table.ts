import { lstat, rename, utimes } from 'node:fs/promises';
import { moveFolderAway } from './move-away.ts';
import type { RootPaths } from './paths.ts';
import { syncFolder, writeSynced } from './sync.ts';

/**
 * Puts a table in its place at once, as a file that Vector's user may read. It is made beside: a reload never sees half of it.
 * Vector (0.57) reads a table again only where its time is later than that of the one it has. Two that are written within a few
 * milliseconds have the same time, and a clock may be set back; so each is later than the one before, and than `laterThanMs`.
 * Gives its time.
 */
export const writeTable = async ({
  paths: { tableFile, rows, stage },
  file = tableFile,
  text,
  laterThanMs = 0,
}: {
  paths: RootPaths;
  /** The table of all rows, unless it is another. */
  file?: string;
  text: string;
  laterThanMs?: number;
}): Promise<number> => {
  const staged = `${file}.new`;
  await writeSynced({ file: staged, text });
  const before = Math.max(laterThanMs, (await lstat(file).catch(() => undefined))?.mtimeMs ?? 0);
  const { mtimeMs } = await lstat(staged);
  const time = mtimeMs > before ? mtimeMs : Math.floor(before) + 2;
  if (time !== mtimeMs) await utimes(staged, time / 1_000, time / 1_000);
  await moveFolderAway({ file, stage });
  await rename(staged, file);
  await syncFolder(rows);
  return time;
};
