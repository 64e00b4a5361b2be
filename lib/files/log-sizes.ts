import { lstatSync } from 'node:fs';
import { hasCode } from '../errors.ts';
import { whyRefused } from './judge-file.ts';
import { type LogFolder, lookAt, withLogFolder } from './log-folder.ts';
import { type LogName, parseLogName } from './log-name.ts';

/** A log file by what its name says, with how large it is and when it was written last (ms since 1970). */
export type LogSize = LogName & { bytes: number; modifiedMs: number };

/**
 * The log files that Nomad has of an allocation, looked at and not opened; undefined where there is no log folder. What is no log of Nomad's
 * is left out. Throws what the file system says where the folder may not be read.
 */
export const logSizesIn = (where: { allocDir: string; allocId: string }): LogSize[] | undefined =>
  withLogFolder(where, (walk) => {
    if (walk.kind !== 'folder') return undefined;
    const { folder } = walk;
    return folder.names().flatMap((name) => sizeOf({ folder, name }) ?? []);
  });

const sizeOf = ({ folder, name }: { folder: LogFolder; name: string }): LogSize | undefined => {
  const named = parseLogName(name);
  if (named === undefined) return undefined;
  const path = folder.pathOf(name);
  const file = lookAt(path);
  // How many names it has is nothing to its size: nvl's own links are some.
  if (file === undefined || whyRefused({ file, owner: folder.owner, ownLinks: file.nlink }) !== undefined)
    return undefined;
  try {
    const { size, mtimeMs } = lstatSync(path);
    return { ...named, bytes: size, modifiedMs: mtimeMs };
  } catch (error) {
    // Nomad's rotation removes the oldest file at any time.
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
};
