import { open } from 'node:fs/promises';
import { hasCode } from '../errors.ts';

/** Reads a file that grows: whole lines only, each once. */
export const createLineReader = (file: string) => {
  let offset = 0;
  let rest = Buffer.alloc(0);
  return {
    next: async (): Promise<string[]> => {
      try {
        const handle = await open(file);
        try {
          const { size } = await handle.stat();
          const chunk = Buffer.alloc(Math.max(0, size - offset));
          const { bytesRead } = await handle.read(chunk, 0, chunk.length, offset);
          offset += bytesRead;
          rest = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
        } finally {
          await handle.close();
        }
      } catch (error) {
        if (hasCode(error, 'ENOENT')) return [];
        throw error;
      }
      const end = rest.lastIndexOf('\n') + 1;
      const lines = rest.subarray(0, end).toString('utf8').split('\n').slice(0, -1);
      rest = rest.subarray(end);
      return lines;
    },
  };
};
