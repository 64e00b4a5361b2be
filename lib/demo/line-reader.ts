import { createByteReader } from './byte-reader.ts';

/** Reads a file that grows: whole lines only, each once. */
export const createLineReader = (file: string) => {
  const reader = createByteReader(file);
  let rest = Buffer.alloc(0);
  return {
    next: async (): Promise<string[]> => {
      rest = Buffer.concat([rest, await reader.next()]);
      const end = rest.lastIndexOf('\n') + 1;
      const lines = rest.subarray(0, end).toString('utf8').split('\n').slice(0, -1);
      rest = rest.subarray(end);
      return lines;
    },
  };
};
