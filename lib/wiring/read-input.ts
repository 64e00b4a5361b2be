import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { messageOf, NvlError } from '../errors.ts';
import type { Io } from './io.ts';

const MIB = 1_024 * 1_024;

/** What is read whole is text of some kilobytes, a few MiB at most; what comes by mistake may have no end. */
const MOST_BYTES = 64 * MIB;

/**
 * The text of a file that a person names, or of stdin for `-`, read to its end. Throws `usage` where it cannot be read, and where it is
 * longer than 64 MiB: then no more of it is read.
 */
export const readInput = async ({
  io,
  file,
  what,
  mostBytes = MOST_BYTES,
}: {
  io: Pick<Io, 'cwd' | 'readInput' | 'signal'>;
  file: string;
  /** What it should be, for a person: `a plan`. */
  what: string;
  mostBytes?: number;
}): Promise<string> => {
  const isStdin = file === '-';
  const pieces = isStdin ? io.readInput() : createReadStream(resolve(io.cwd, file), { signal: io.signal });
  const name = isStdin ? 'stdin' : file;
  const bytes = await readBounded({ pieces, mostBytes }).catch((cause: unknown) => {
    // Told to end, nobody is told of it as a fault.
    if (io.signal.aborted) throw cause;
    throw unreadable({ name, what, said: messageOf(cause), cause });
  });
  if (bytes === undefined) throw unreadable({ name, what, said: `it is longer than ${mostBytes / MIB} MiB` });
  return bytes.toString('utf8');
};

/** Undefined for what is longer than may be. */
const readBounded = async ({
  pieces,
  mostBytes,
}: {
  pieces: AsyncIterable<Buffer>;
  mostBytes: number;
}): Promise<Buffer | undefined> => {
  const read: Buffer[] = [];
  let size = 0;
  for await (const piece of pieces) {
    size += piece.length;
    if (size > mostBytes) return undefined;
    read.push(piece);
  }
  return Buffer.concat(read);
};

const unreadable = ({
  name,
  what,
  said,
  cause,
}: {
  name: string;
  what: string;
  said: string;
  cause?: unknown;
}): NvlError =>
  new NvlError('usage', {
    message: `${name} cannot be read`,
    facts: { said },
    advice: `name a file that is ${what}, or - for one on stdin`,
    cause,
  });
