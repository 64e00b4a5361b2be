import { join } from 'node:path';
import { type JsonObject, objectOf } from '../json.ts';
import { keyOfEntry } from './checkpoints.ts';
import { fileKey } from './file-key.ts';
import { fingerprintedFiles } from './first-line.ts';
import { positionEntries } from './hand-positions.ts';
import type { LogFile } from './log-files.ts';

/** A log file of a task, and how far a Vector of before has read it: an entry as nvl's own sources know it. */
export type FormerPosition = { name: string; entry: JsonObject | undefined };

/**
 * How far the files of a task were read by the source that read them before nvl. One that knew files by their first line tells
 * it only of files whose first line no other has that it read, `<task>*`: else the position may be another's, and lines would be
 * skipped. A file without a position is read from its beginning.
 */
export const formerPositions = async ({
  files,
  dataDir,
  source,
  folder,
  task,
  byInodeOnly = false,
}: {
  files: readonly LogFile[];
  /** Vector's data folder of before, and the source's folder in it. */
  dataDir: string;
  source: string;
  /** The log folder of the task's allocation. */
  folder: string;
  task: string;
  /** The source read other tasks' files, too: a first line says nothing then. */
  byInodeOnly?: boolean;
}): Promise<FormerPosition[]> => {
  const entries = positionEntries({ dataDir, source });
  const byKey = new Map(entries.map((entry) => [keyOfEntry(entry), entry]));
  const byChecksum = new Map(
    entries.flatMap((entry) => checksumsOf(entry).map((checksum) => [checksum, entry] as const)),
  );
  const known = byInodeOnly || byChecksum.size === 0 ? [] : await fingerprintedFiles({ folder, start: task });
  const alone = new Map(
    known
      .filter((one) => known.filter(({ checksum }) => checksum === one.checksum).length === 1)
      .map((one) => [one.key, one.checksum]),
  );
  return files.map((file) => {
    const key = fileKey(file);
    const entry = byKey.get(key) ?? byChecksum.get(alone.get(key) ?? -1n);
    const position = objectOf(entry).position;
    // One beyond its end is of a file that was here before.
    const isSound = entry !== undefined && typeof position === 'bigint' && position <= file.size;
    return {
      name: file.name,
      entry: isSound ? { ...entry, fingerprint: { dev_inode: [file.dev, file.ino] } } : undefined,
    };
  });
};

/** Vector wrote the first name up to 0.14, and reads both. */
const checksumsOf = (entry: JsonObject): bigint[] => {
  const { first_line_checksum, first_lines_checksum } = objectOf(entry.fingerprint);
  return [first_line_checksum, first_lines_checksum].filter((checksum) => typeof checksum === 'bigint');
};

/** Where Nomad has the logs of an allocation. */
export const logFolderOf = ({ allocDir, allocId }: { allocDir: string; allocId: string }): string =>
  join(allocDir, allocId, 'alloc', 'logs');
