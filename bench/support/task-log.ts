import { closeSync, openSync, unlinkSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** The log of one stream as Nomad writes it: numbered files, ten at most, none larger than it may be. */
export type TaskLog = {
  open: () => void;
  /** Lines with their newlines; the last one may be cut short, and go on with the next write. */
  write: (text: string | Buffer) => void;
  close: () => void;
};

/** Whoever wants to follow log files without asking Nomad is told of each. */
export type FileNews = { made: (file: { path: string; name: string }) => void; gone: (file: { name: string }) => void };

const MAX_FILES = 10;
const NEWLINE = 0x0a;

/** Makes `<folder>/<name>.0` and, beside it, the name of the pipe that Nomad reads the task from (a plain file here). */
export const createTaskLog = ({
  folder,
  name,
  maxBytes,
  news,
}: {
  folder: string;
  name: string;
  maxBytes: number;
  news: FileNews | undefined;
}): TaskLog => {
  let number = -1;
  let descriptor: number | undefined;
  let size = 0;
  let isWithinLine = false;
  const close = () => {
    if (descriptor !== undefined) closeSync(descriptor);
    descriptor = undefined;
  };
  const next = () => {
    close();
    number += 1;
    size = 0;
    const path = join(folder, `${name}.${number}`);
    descriptor = openSync(path, 'a', 0o644);
    news?.made({ path, name: `${name}.${number}` });
    const oldest = `${name}.${number - MAX_FILES}`;
    if (number < MAX_FILES) return;
    unlinkSync(join(folder, oldest));
    news?.gone({ name: oldest });
  };
  const append = (bytes: Buffer) => {
    if (descriptor === undefined) throw new Error(`${name} is not open`);
    if (bytes.length === 0) return;
    writeSync(descriptor, bytes);
    size += bytes.length;
    isWithinLine = bytes.at(-1) !== NEWLINE;
  };
  return {
    open: () => {
      writeFileSync(join(folder, `.${name}.fifo`), '');
      next();
    },
    write: (text) => {
      const bytes = typeof text === 'string' ? Buffer.from(text) : text;
      // No line goes on in another file.
      const begun = isWithinLine ? bytes.indexOf(NEWLINE) + 1 || bytes.length : 0;
      append(bytes.subarray(0, begun));
      const rest = bytes.subarray(begun);
      if (!isWithinLine && size > 0 && size + rest.length > maxBytes) next();
      append(rest);
    },
    close,
  };
};
