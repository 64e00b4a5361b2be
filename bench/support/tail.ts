import { closeSync, openSync, readSync } from 'node:fs';

/** Follows a growing file: each call gives the whole lines that came since the one before; none while there is no file. */
export const createTail = (file: string): { read: () => string[]; close: () => void } => {
  const chunk = Buffer.alloc(1 << 20);
  let descriptor: number | undefined;
  let rest = '';
  const open = () => {
    try {
      descriptor ??= openSync(file, 'r');
    } catch {
      return undefined;
    }
    return descriptor;
  };
  return {
    read: () => {
      const opened = open();
      if (opened === undefined) return [];
      for (let length = readSync(opened, chunk); length > 0; length = readSync(opened, chunk))
        rest += chunk.toString('latin1', 0, length);
      const lines = rest.split('\n');
      rest = lines.pop() ?? '';
      return lines;
    },
    close: () => {
      if (descriptor !== undefined) closeSync(descriptor);
      descriptor = undefined;
    },
  };
};
