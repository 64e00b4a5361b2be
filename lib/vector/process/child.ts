import { fstatSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import type { VectorCommand } from '../config/command.ts';
import type { VectorUser } from './find-user.ts';
import { logsTo } from './log-line.ts';
import { passLines } from './pass-lines.ts';

export type VectorStreams = {
  /** Where its stdout goes, byte for byte; with `inherit` to nvl's own. */
  stdout: 'inherit' | Writable;
  stderr: Writable;
};

/**
 * Starts one Vector in a process group of its own, so that a Ctrl-C for nvl is no second signal for it. Its output passes
 * through untouched; `onLine` sees each line of its log. It lives until it ends or is signalled: nvl's own end, were it
 * to come first, must not take it along half drained.
 */
export const startVector = ({
  file,
  command,
  user,
  stdout,
  stderr,
  onLine,
}: VectorStreams & {
  file: string;
  command: VectorCommand;
  user?: VectorUser | undefined;
  onLine: (line: string) => void;
}) => {
  const log = logsTo(command);
  const child = execa(file, command.args, {
    cwd: command.cwd,
    env: command.env,
    ...user,
    detached: true,
    cleanup: false,
    forceKillAfterDelay: false,
    reject: false,
    buffer: false,
    stdin: 'ignore',
    stdout: stdout === 'inherit' && log === 'stderr' && !isSocket(1) ? 'inherit' : 'pipe',
    stderr: 'pipe',
  });
  if (child.stdout) {
    const to = stdout === 'inherit' ? process.stdout : stdout;
    passLines({ from: child.stdout, to, ...(log === 'stdout' && { readLine: onLine }) });
  }
  passLines({ from: child.stderr, to: stderr, ...(log === 'stderr' && { readLine: onLine }) });
  return child;
};

/**
 * Whoever starts a child with a descriptor makes it block. A socket (journald's) may be stderr's too, and nvl must not
 * wait for the reader of its log; so what comes for a socket passes through nvl.
 */
const isSocket = (fd: number): boolean => {
  try {
    return fstatSync(fd).isSocket();
  } catch {
    return false;
  }
};

export type VectorChild = ReturnType<typeof startVector>;

export type End = { exitCode?: number | undefined; signal?: string | undefined; fault?: unknown };

/** How it ended. What it still had to say is waited for 1 s: a process of its own may hold its streams open for ever. */
export const endOf = async (child: VectorChild): Promise<End> => {
  const bare = child.nodeChildProcess;
  const exited = new Promise((resolve) => bare.once('exit', resolve));
  const result = await Promise.race([child, exited.then(() => sleep(1_000, undefined, { ref: false }))]);
  if (result === undefined) return { exitCode: bare.exitCode ?? undefined, signal: bare.signalCode ?? undefined };
  const { exitCode, signal, cause } = result;
  return { exitCode, signal, fault: exitCode === undefined && signal === undefined ? cause : undefined };
};

/** SIGKILL to a Vector and the processes it started (exec sources), which would hold its files open. */
export const killGroup = (pid: number | undefined): void => {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended in this very moment.
  }
};
