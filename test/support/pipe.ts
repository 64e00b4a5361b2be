import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

const CHUNK_BYTES = 64 * 1024;

/** A pipe as a shell makes it, by its write end; it is read only when the test does. */
export const aPipe = (folder: string, name = 'pipe') => {
  const file = join(folder, name);
  execFileSync('mkfifo', [file]);
  const reader = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(file, constants.O_WRONLY);
  let text = '';
  const chunk = Buffer.alloc(CHUNK_BYTES);
  const read = (): string => {
    try {
      for (let got = 1; got > 0; ) {
        got = readSync(reader, chunk);
        text += chunk.toString('utf8', 0, got);
      }
    } catch {
      // Nothing more for now.
    }
    return text;
  };
  onTestFinished(() => closeSync(reader));
  return { writer, read, fill: () => fill(file) };
};

/** Until it takes no more: who writes next has to wait for a reader. */
const fill = (file: string): void => {
  const writer = openSync(file, constants.O_WRONLY | constants.O_NONBLOCK);
  try {
    // Single bytes at the end, as the last page may have room for these.
    for (const size of [4_096, 1]) {
      const bytes = Buffer.alloc(size, 'x');
      try {
        for (;;) writeSync(writer, bytes);
      } catch {
        // It is full for such a piece.
      }
    }
  } finally {
    closeSync(writer);
  }
};
