import { constants, type Dirent } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../errors.ts';
import { fileKey } from './file-key.ts';

/** A file by what Vector's default fingerprint makes of it. */
export type FingerprintedFile = { name: string; key: string; checksum: bigint };

/**
 * The regular files of a folder whose names begin so, each with the checksum that Vector knows it by where nobody set `fingerprint`:
 * that of its first line with its newline, or of as much of it as Vector reads of a line. A file without a whole line has none.
 *
 * @source vector 0.57.0: lib/file-source-common/src/fingerprinter.rs
 */
export const fingerprintedFiles = async ({
  folder,
  start,
}: {
  folder: string;
  start: string;
}): Promise<FingerprintedFile[]> => {
  const files: FingerprintedFile[] = [];
  for (const entry of await entriesIn(folder)) {
    if (!entry.isFile() || !entry.name.startsWith(start)) continue;
    const read = await readFirstLine(join(folder, entry.name));
    if (read !== undefined) files.push({ name: entry.name, key: read.key, checksum: crc64(read.line) });
  }
  return files;
};

const entriesIn = async (folder: string): Promise<Dirent[]> => {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
};

/** Vector's default of `max_line_bytes`. */
const MOST_BYTES = 102_400;

/** A task may put something else behind a name meanwhile: nothing is waited for, and no link followed. */
const readFirstLine = async (file: string): Promise<{ line: Buffer; key: string } | undefined> => {
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW).catch(
    () => undefined,
  );
  if (handle === undefined) return undefined;
  try {
    const found = await handle.stat({ bigint: true });
    if (!found.isFile()) return undefined;
    const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(MOST_BYTES), position: 0 });
    const end = buffer.subarray(0, bytesRead).indexOf(0x0a);
    // What is packed is unpacked first.
    if ((end === -1 && bytesRead < MOST_BYTES) || buffer.readUInt16BE(0) === 0x1f8b) return undefined;
    return { line: buffer.subarray(0, end === -1 ? bytesRead : end + 1), key: fileKey(found) };
  } finally {
    await handle.close();
  }
};

/** CRC-64/ECMA-182, as the crate `crc` has it: neither reflected nor inverted. */
export const crc64 = (bytes: Uint8Array): bigint => {
  let crc = 0n;
  for (const byte of bytes) crc = ((crc << 8n) & MASK) ^ (TABLE[Number(crc >> 56n) ^ byte] ?? 0n);
  return crc;
};

const MASK = 0xffff_ffff_ffff_ffffn;
const POLYNOMIAL = 0x42f0_e1eb_a9ea_3693n;

const TABLE: readonly bigint[] = Array.from({ length: 256 }, (_, index) => {
  let crc = BigInt(index) << 56n;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc >> 63n === 1n ? (crc << 1n) ^ POLYNOMIAL : crc << 1n) & MASK;
  return crc;
});
