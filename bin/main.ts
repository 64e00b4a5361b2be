import { once } from 'node:events';
import { addAbortSignal } from 'node:stream';
import { isatty } from 'node:tty';
import { Command } from 'commander';
import { withTwoDashes } from '../lib/config/flags.ts';
import { EXIT, type Io } from '../lib/wiring/io.ts';
import { addCommands } from './commands.ts';
import { endOf } from './exit-code.ts';
import type { LogGap } from './log-queue.ts';
import { openStderr } from './stderr.ts';

/**
 * The process's only end: reads the arguments, hands streams and signals to a command, and turns what comes of it into
 * an exit code.
 */
export const main = async (version: string): Promise<void> => {
  const controller = new AbortController();
  const hangups = new Set<() => void>();
  // A second signal changes nothing: a Vector that drains must not be hurried.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => controller.abort());
  const isErrTty = isatty(2);
  process.on('SIGHUP', () => {
    if (hangups.size === 0 || isTerminalGone(isErrTty)) controller.abort();
    for (const hangup of hangups) hangup();
  });
  let isOutBroken = false;
  let hasPrinted = false;
  let onLogGap = (_: LogGap): void => {};
  const stderr = openStderr({ onGap: (gap) => onLogGap(gap) });
  const io: Io = {
    out: (text) => {
      hasPrinted = true;
      process.stdout.write(text);
    },
    outTakesMore: () => untilDrained(process.stdout, controller.signal),
    err: (text) => stderr.stream.write(text),
    stderr: stderr.stream,
    onLogGap: (told) => {
      onLogGap = told;
    },
    readInput: () => addAbortSignal(controller.signal, process.stdin),
    env: process.env,
    cwd: process.cwd(),
    isTty: process.stdout.isTTY === true,
    isErrTty,
    signal: controller.signal,
    onHangup: (hangup) => {
      hangups.add(hangup);
      return () => hangups.delete(hangup);
    },
  };
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // A daemon prints nothing: what a Vector writes there is let go (lib/vector/process/pass-lines.ts), and nothing ends by it.
    if (!hasPrinted) return;
    controller.abort();
    // A reader that has seen enough (`nvl context | head`) is no error.
    if (error.code === 'EPIPE' || isOutBroken) return;
    isOutBroken = true;
    io.err(`nvl: stdout cannot be written: ${error.message}\n`);
  });
  const program = new Command('nvl').version(`nvl ${version}`, '-V, --version').exitOverride();
  let exitCode: number = EXIT.done;
  const run = addCommands({ program, io, onExit: (code) => (exitCode = code) });
  try {
    await run(withTwoDashes(process.argv.slice(2), OWN_FLAGS));
  } catch (error) {
    const { code, said } = endOf(error);
    exitCode = code;
    if (said !== '') io.err(said);
  }
  process.exitCode = isOutBroken ? EXIT.error : exitCode;
  const isRead = await stderr.close(() => (controller.signal.aborted ? HURRIED_MS : PATIENT_MS));
  if (!isRead) process.exit();
};

/** Then a SIGHUP is the kernel's own: nobody asks for another look. */
const isTerminalGone = (wasTty: boolean): boolean => wasTty && !isatty(2);

/** Flags that are no key's and may come with one dash, as Nomad's do. */
const OWN_FLAGS = ['version', 'help', 'allocations', 'node', 'out', 'dry-run', 'namespace', 'task', 'stdout', 'stderr'];

/** Until a stream has handed on so much of what it was given that it wants more; or until the signal aborts. */
const untilDrained = async (stream: NodeJS.WriteStream, signal: AbortSignal): Promise<void> => {
  if (!stream.writableNeedDrain) return;
  await once(stream, 'drain', { signal }).catch(() => {});
};

/** How long the end waits for a reader of the log that takes nothing: once nvl was told to end, and where it ends by itself. */
const HURRIED_MS = 1_000;
const PATIENT_MS = 10_000;
