import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../errors.ts';
import { parseExact } from '../exact-json.ts';
import { listOf, objectOf } from '../json.ts';

/** How far Vector has read (behind acknowledging sinks: delivered) each file of a source: `device:inode` to bytes. */
export type Checkpoints = ReadonlyMap<string, bigint>;

export const fileKey = (file: { dev: bigint; ino: bigint }): string => `${file.dev}:${file.ino}`;

/**
 * Reads `<data_dir>/<source id>/checkpoints.json` as Vector 0.57 writes it under `device_and_inode`:
 * `{"version":"1","checkpoints":[{"fingerprint":{"dev_inode":[DEV,INO]},"position":BYTES,…}]}`.
 * Empty when there is none yet. Vector writes it beside and renames, so a half-written one is never seen; what cannot
 * be read counts as nothing read, which only makes nvl wait longer.
 */
export const readCheckpoints = async ({ dataDir, id }: { dataDir: string; id: string }): Promise<Checkpoints> => {
  try {
    return parseCheckpoints(await readFile(join(dataDir, id, 'checkpoints.json'), 'utf8'));
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR') || error instanceof SyntaxError) return new Map();
    throw error;
  }
};

export const parseCheckpoints = (text: string): Checkpoints => {
  const found = new Map<string, bigint>();
  for (const entry of listOf(objectOf(parseExact(text)).checkpoints).map(objectOf)) {
    const [dev, ino] = listOf(objectOf(entry.fingerprint).dev_inode);
    if (isCount(dev) && isCount(ino) && isCount(entry.position)) found.set(fileKey({ dev, ino }), entry.position);
  }
  return found;
};

/** Inode numbers may pass 2^53 (XFS, ZFS). */
const isCount = (value: unknown): value is bigint => typeof value === 'bigint' && value >= 0n;
