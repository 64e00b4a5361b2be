import { Command, CommanderError } from 'commander';
import { EXIT, type Io } from '../lib/commands/io.ts';
import { withTwoDashes } from '../lib/config/flags.ts';
import { describeError, NvlError } from '../lib/errors.ts';
import { addCommands } from './commands.ts';

/**
 * The process's only end: reads the arguments, hands streams and signals to a command, and turns what comes of it into
 * an exit code.
 */
export const main = async (version: string): Promise<void> => {
  const controller = new AbortController();
  const hangups = new Set<() => void>();
  // A second signal changes nothing: a Vector that drains must not be hurried.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => controller.abort());
  process.on('SIGHUP', () => {
    if (hangups.size === 0) controller.abort();
    for (const hangup of hangups) hangup();
  });
  // A reader that has seen enough (`nvl context | head`) is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    controller.abort();
  });
  const io: Io = {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    isTty: process.stdout.isTTY === true,
    isErrTty: process.stderr.isTTY === true,
    signal: controller.signal,
    onHangup: (hangup) => {
      hangups.add(hangup);
      return () => hangups.delete(hangup);
    },
  };
  const program = new Command('nvl').version(`nvl ${version}`, '-V, --version').exitOverride();
  let exitCode: number = EXIT.done;
  const run = addCommands({ program, io, onExit: (code) => (exitCode = code) });
  try {
    await run(withTwoDashes(process.argv.slice(2), ['version', 'help', 'allocations', 'node', 'out', 'dry-run']));
  } catch (error) {
    exitCode = exitCodeOf(error);
    if (!(error instanceof CommanderError)) io.err(`${describeError(error)}\n`);
  }
  process.exitCode = exitCode;
};

const exitCodeOf = (error: unknown): number => {
  if (error instanceof CommanderError) return error.exitCode;
  return error instanceof NvlError && error.code === 'vectorRefused' ? EXIT.refused : EXIT.error;
};
