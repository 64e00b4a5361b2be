import { CommanderError } from 'commander';
import { describeError, NvlError } from '../lib/errors.ts';
import { EXIT } from '../lib/wiring/io.ts';

/** How nvl ends over what a command threw, and what it says on stderr; Commander has told its own errors already. */
export const endOf = (error: unknown): { code: number; said: string } => {
  if (error instanceof CommanderError) return { code: error.exitCode, said: '' };
  const isRefused = error instanceof NvlError && error.code === 'vectorRefused';
  return { code: isRefused ? EXIT.refused : EXIT.error, said: `${describeError(error)}\n` };
};
