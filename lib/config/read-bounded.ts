import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { grouped } from '../grouped.ts';

/**
 * The bytes of a file, or why it is not read: it is none, or longer than `mostBytes`. Nothing is waited for: a FIFO is not
 * opened for its writer's sake, and of a long file no more is read than shows that it is too long.
 */
export const readBounded = async ({
  file,
  mostBytes,
}: {
  file: string;
  mostBytes: number;
}): Promise<{ bytes: Buffer } | { why: string }> => {
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = await handle.stat();
    if (found.isDirectory()) return { why: 'it is a folder' };
    if (!found.isFile()) return { why: 'it is no file' };
    const tooLong = { why: `it is longer than ${grouped(mostBytes)} bytes` };
    if (found.size > mostBytes) return tooLong;
    // It may grow under way, and one of a pseudo file system says that it is empty.
    const chunks: Buffer[] = [];
    for (let length = 0; length <= mostBytes; ) {
      const { bytesRead, buffer } = await handle.read({ buffer: Buffer.alloc(CHUNK) });
      if (bytesRead === 0) return { bytes: Buffer.concat(chunks) };
      chunks.push(buffer.subarray(0, bytesRead));
      length += bytesRead;
    }
    return tooLong;
  } finally {
    await handle.close();
  }
};

const CHUNK = 65_536;
