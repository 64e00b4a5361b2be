import { closeSync, openSync, readSync } from 'node:fs';

/** Follows a growing file: each call gives the whole lines that came since the one before; none while there is no file. */
export const createTail = (file: string): { read: () => string[]; close: () => void } => {
  const { readSome, close } = createReader(file);
  return {
    read: () => {
      const lines: string[] = [];
      for (let some = readSome(); some !== undefined; some = readSome()) for (const line of some) lines.push(line);
      return lines;
    },
    close,
  };
};

/** The whole lines that are there, one after the other: a sink's file may hold more than a string can. */
export function* linesOf(file: string): Generator<string> {
  const { readSome, close } = createReader(file);
  try {
    for (let some = readSome(); some !== undefined; some = readSome()) yield* some;
  } finally {
    close();
  }
}

/** Gives the lines of the next piece; undefined at the end of what is there. */
const createReader = (file: string): { readSome: () => string[] | undefined; close: () => void } => {
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
    readSome: () => {
      const opened = open();
      const length = opened === undefined ? 0 : readSync(opened, chunk);
      if (length === 0) return undefined;
      const lines = (rest + chunk.toString('latin1', 0, length)).split('\n');
      rest = lines.pop() ?? '';
      return lines;
    },
    close: () => {
      if (descriptor !== undefined) closeSync(descriptor);
      descriptor = undefined;
    },
  };
};
