import { type SpawnOptions, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

/** A program that a test started: what it said so far, and an orderly end by its process id. */
export type Child = {
  pid: number;
  /** Everything it wrote to stdout and stderr, in one. */
  said: () => Promise<string>;
  kill: (signal: NodeJS.Signals) => void;
  hasEnded: () => boolean;
  /** Its exit code, or undefined when a signal ended it. */
  ended: Promise<number | undefined>;
  /** SIGTERM, and SIGKILL when it is still there after `graceMs`. */
  end: (options?: { graceMs?: number }) => Promise<number | undefined>;
};

/** Starts a program whose output goes to a file; it dies with this process, so a cut-off test leaves nothing. */
export const startChild = async (
  file: string,
  args: string[],
  { logFile, ...options }: SpawnOptions & { logFile: string },
): Promise<Child> => {
  // A file and no pipe: what the program itself starts may outlive it and still write.
  const log = openSync(logFile, 'a');
  const child = spawn(file, args, { ...options, stdio: ['ignore', log, log] });
  closeSync(log);
  const killAtExit = () => child.kill('SIGKILL');
  process.once('exit', killAtExit);
  const ended = new Promise<number | undefined>((resolve) =>
    child.once('exit', (code) => {
      process.off('exit', killAtExit);
      resolve(code ?? undefined);
    }),
  );
  await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  return {
    pid: child.pid as number,
    said: () => readFile(logFile, 'utf8'),
    kill: (signal) => child.kill(signal),
    hasEnded,
    ended,
    end: async ({ graceMs = 10_000 } = {}) => {
      if (hasEnded()) return ended;
      child.kill('SIGTERM');
      const force = setTimeout(() => child.kill('SIGKILL'), graceMs);
      return ended.finally(() => clearTimeout(force));
    },
  };
};
