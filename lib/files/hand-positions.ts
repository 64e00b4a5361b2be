import { chownSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../errors.ts';
import { exactJson, parseExact } from '../exact-json.ts';
import { type JsonObject, listOf, objectOf } from '../json.ts';
import { CHECKPOINT_FILES, keyOfEntry } from './checkpoints.ts';

/**
 * Writes down how far the files of a source that is about to start were read, before Vector starts it: by the sources that read
 * them until now, `from`, and by itself when it ran before. Only what nvl has a link to counts (`isOwn`: by `device:inode`):
 * a position of a file that is gone would be taken for that of the next file of its inode, whose lines would be skipped.
 *
 * Vector 0.57 reads them when it starts a source, and writes them while that runs.
 */
export const handPositions = ({
  dataDir,
  pipeline,
  from,
  isOwn,
}: {
  dataDir: string;
  pipeline: string;
  from: readonly string[];
  isOwn: (key: string) => boolean;
}): void => {
  const entries = new Map<string, JsonObject>();
  for (const source of [pipeline, ...from]) {
    for (const entry of positionEntries({ dataDir, source })) {
      const key = keyOfEntry(entry);
      if (key === undefined ? source !== pipeline : isOwn(key)) entries.set(key ?? exactJson(entry) ?? '', entry);
    }
  }
  writePositions({ dataDir, source: pipeline, entries: [...entries.values()] });
};

/** What a source that does not run is to know of its files, in place of what it knew. */
export const writePositions = ({
  dataDir,
  source,
  entries,
}: {
  dataDir: string;
  source: string;
  entries: readonly JsonObject[];
}): void => {
  const folder = join(dataDir, source);
  const [file, unfinished] = CHECKPOINT_FILES.map((name) => join(folder, name)) as [string, string];
  // Vector would read it first.
  rmSync(unfinished, { force: true });
  if (entries.length === 0) {
    rmSync(file, { force: true });
    return;
  }
  const { uid, gid } = statSync(dataDir);
  mkdirSync(folder, { recursive: true });
  const made = `${file}.nvl`;
  rmSync(made, { force: true });
  writeFileSync(made, exactJson({ version: '1', checkpoints: entries }) ?? '', { flag: 'wx' });
  // Vector may run as a user of its own, and has to write there.
  if (process.getuid?.() === 0) for (const path of [folder, made]) chownSync(path, uid, gid);
  renameSync(made, file);
};

/** What Vector wrote of a source. None where there are none yet, and none of a text that Vector has not written. */
export const positionEntries = ({ dataDir, source }: { dataDir: string; source: string }): JsonObject[] => {
  const file = join(dataDir, source, CHECKPOINT_FILES[0]);
  if (lstatSync(file, { throwIfNoEntry: false })?.isFile() !== true) return [];
  try {
    return listOf(objectOf(parseExact(readFileSync(file, 'utf8'))).checkpoints).map(objectOf);
  } catch (error) {
    if (error instanceof SyntaxError || hasCode(error, 'ENOENT')) return [];
    throw error;
  }
};
