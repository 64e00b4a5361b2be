import { constants, fstatSync, openSync, write } from 'node:fs';
import type { LogGap } from './log-queue.ts';
import { createLogStream, type LogStream, type LogTarget } from './log-stream.ts';

/** The process's stderr as a log that holds nobody up: see `createLogStream`. */
export const openStderr = ({ onGap }: { onGap: (gap: LogGap) => void }): LogStream =>
  createLogStream({ target: targetOf(STDERR), onGap });

const STDERR = 2;

/**
 * A pipe and a terminal are opened once more: only what is ours alone may be told not to block, since others write to the
 * same one, Vector's stdout among them, and Node makes that block again when it starts a child. A socket, such as
 * journald's, can't be opened again; Node itself never waits for one.
 */
const targetOf = (fd: number): LogTarget => {
  const stats = fstatSync(fd);
  if (stats.isFile()) return writeToFile(fd);
  const own = stats.isSocket() ? undefined : openAgain(fd);
  return own === undefined ? writeToStream() : writeToFile(own);
};

const openAgain = (fd: number): number | undefined => {
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    // It belongs to another user, or there is no /proc.
    return undefined;
  }
};

const writeToFile =
  (fd: number): LogTarget =>
  (chunk, done) =>
    write(fd, chunk, 0, chunk.length, null, (error, written) => done(error, written));

const writeToStream = (): LogTarget => {
  // The callback of the write gets the error too.
  process.stderr.on('error', () => {});
  return (chunk, done) => process.stderr.write(chunk, (error) => done(error ?? null, chunk.length));
};
