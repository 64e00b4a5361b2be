import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../errors.ts';
import { parseExact } from '../exact-json.ts';
import { type JsonObject, listOf, objectOf } from '../json.ts';
import { fileKey } from './file-key.ts';

/** How far Vector has read (behind acknowledging sinks: delivered) each file of a source: `device:inode` to bytes. */
export type Checkpoints = ReadonlyMap<string, bigint>;

/** What Vector writes of a source; the second is read first, if it was killed while writing. */
export const CHECKPOINT_FILES = ['checkpoints.json', 'checkpoints.new.json'] as const;

/**
 * Reads `<data_dir>/<source id>/checkpoints.json` as Vector 0.57 writes it under `device_and_inode`:
 * `{"version":"1","checkpoints":[{"fingerprint":{"dev_inode":[DEV,INO]},"position":BYTES,…}]}`.
 * Empty when there is none yet. Vector writes it beside and renames, so a half-written one is never seen; what cannot
 * be read counts as nothing read, which only makes nvl wait longer.
 */
export const readCheckpoints = async (source: SourceFolder): Promise<Checkpoints> =>
  checkpointsOf(await readEntries(source));

/** How far a source has read the only file that it has, by whatever fingerprint it knows that; 0 when it has not told yet. */
export const readPosition = async (source: SourceFolder): Promise<bigint> =>
  (await readEntries(source)).reduce((most, { position }) => (position > most ? position : most), 0n);

export type PositionsOf = (id: string) => Promise<Checkpoints>;

type SourceFolder = { dataDir: string; id: string };

type Entry = { fingerprint: JsonObject; position: bigint };

const readEntries = async ({ dataDir, id }: SourceFolder): Promise<Entry[]> => {
  try {
    return parseEntries(await readFile(join(dataDir, id, CHECKPOINT_FILES[0]), 'utf8'));
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR') || error instanceof SyntaxError) return [];
    throw error;
  }
};

export const parseCheckpoints = (text: string): Checkpoints => checkpointsOf(parseEntries(text));

const parseEntries = (text: string): Entry[] =>
  listOf(objectOf(MAY_BE_INEXACT.test(text) ? parseExact(text) : JSON.parse(text)).checkpoints)
    .map(objectOf)
    .flatMap((entry) => {
      const position = countOf(entry.position);
      return position === undefined ? [] : [{ fingerprint: objectOf(entry.fingerprint), position }];
    });

/** As long as a number that JSON's own may not hold. To read a thousand files' positions exactly takes twenty times as long. */
const MAY_BE_INEXACT = /\d{16}/;

const checkpointsOf = (entries: readonly Entry[]): Checkpoints =>
  new Map(
    entries.flatMap((entry): [string, bigint][] => {
      const key = keyOfEntry(entry);
      return key === undefined ? [] : [[key, entry.position]];
    }),
  );

/** The file that an entry of Vector's is about; undefined for one of another fingerprint. */
export const keyOfEntry = (entry: unknown): string | undefined => {
  const [dev, ino] = listOf(objectOf(objectOf(entry).fingerprint).dev_inode).map(countOf);
  return dev === undefined || ino === undefined ? undefined : fileKey({ dev, ino });
};

/** Reads each source's once, when it is first asked for; without a data folder, none has any. */
export const positionsReader = (dataDir: string | undefined): PositionsOf => {
  const read = new Map<string, Promise<Checkpoints>>();
  return (id) => {
    const known = read.get(id) ?? (dataDir === undefined ? NONE : readCheckpoints({ dataDir, id }));
    read.set(id, known);
    return known;
  };
};

const NONE: Promise<Checkpoints> = Promise.resolve(new Map());

/** Inode numbers may pass 2^53 (XFS, ZFS). */
const countOf = (value: unknown): bigint | undefined => {
  const count = typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;
  return typeof count === 'bigint' && count >= 0n ? count : undefined;
};
