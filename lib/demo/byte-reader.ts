import { open } from 'node:fs/promises';
import { hasCode } from '../errors.ts';

/** Reads a file that grows: each byte once. */
export type ByteReader = {
  /** What the file has more; nothing where it is not there. */
  next(): Promise<Buffer>;
};

export const createByteReader = (file: string): ByteReader => {
  let offset = 0;
  return {
    next: async () => {
      try {
        const handle = await open(file);
        try {
          const { size } = await handle.stat();
          const chunk = Buffer.alloc(Math.max(0, size - offset));
          const { bytesRead } = await handle.read(chunk, 0, chunk.length, offset);
          offset += bytesRead;
          return chunk.subarray(0, bytesRead);
        } finally {
          await handle.close();
        }
      } catch (error) {
        if (hasCode(error, 'ENOENT')) return Buffer.alloc(0);
        throw error;
      }
    },
  };
};
