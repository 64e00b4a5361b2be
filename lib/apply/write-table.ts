import { lstat, rename, utimes } from 'node:fs/promises';
import { moveFolderAway } from './move-away.ts';
import type { RootPaths } from './paths.ts';
import { writeSynced } from './sync.ts';

type Table = {
  paths: RootPaths;
  /** The table of all rows, unless it is another. */
  file?: string;
};

/** Writes a table beside its place, as a file that Vector's user may read: a reload never sees half of it, and what is in its place does without room on the disk. */
export const stageTable = ({ paths, file = paths.tableFile, text }: Table & { text: string }): Promise<void> =>
  writeSynced({ file: `${file}.new`, text });

/**
 * Puts what was staged in its place. Vector (0.57) reads a table again only where its time is later than that of the one it has.
 * Two that are written within a few milliseconds have the same time, and a clock may be set back; so each is later than the one
 * before, and than `laterThanMs`. Gives its time.
 */
export const placeTable = async ({
  paths: { tableFile, stage },
  file = tableFile,
  laterThanMs,
}: Table & { laterThanMs: number }): Promise<number> => {
  const staged = `${file}.new`;
  const before = Math.max(laterThanMs, (await lstat(file).catch(() => undefined))?.mtimeMs ?? 0);
  const { mtimeMs } = await lstat(staged);
  const time = mtimeMs > before ? mtimeMs : Math.floor(before) + 2;
  if (time !== mtimeMs) await utimes(staged, time / 1_000, time / 1_000);
  await moveFolderAway({ file, stage });
  await rename(staged, file);
  return time;
};
