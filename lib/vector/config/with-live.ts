import { access } from 'node:fs/promises';
import { NvlError } from '../../errors.ts';
import { escapeGlob } from '../../glob.ts';
import { DEFAULT_CONFIG_FILE, environmentOf, readArgs, type VectorCommand } from './command.ts';
import { findConfigPaths, isLive } from './paths.ts';

/**
 * The command that loads the live file too: `-c <live>` is added unless a file, glob or folder of the command loads it.
 * A first `-c` hides `VECTOR_CONFIG` and Vector's default file, so what they named is then written out beside it.
 * Where the command names no configuration at all, `globalsFile` is loaded, or Vector's default file if there is one.
 * Throws `rootUnusable` for a path that Vector's flags cannot hold, `usage` for arguments that are none of a running Vector.
 */
export const withLive = async ({
  command,
  liveFile,
  globalsFile,
}: {
  command: VectorCommand;
  liveFile: string;
  globalsFile?: string;
}): Promise<VectorCommand> => {
  const named = readArgs({ args: command.args, env: environmentOf(command) });
  const paths = await findConfigPaths({ named, cwd: command.cwd, liveFile });
  if (paths.some(isLive)) return command;

  // Told apart by reading the arguments alone: what only the environment names is lost behind a first `-c`.
  const hasOwnFlag = readArgs({ args: command.args, env: {} }).files.some(({ format }) => format === undefined);
  const hidden = hasOwnFlag ? [] : named.files.filter(({ format }) => format === undefined).map(({ path }) => path);
  const base = named.isDefault ? await baseFile(globalsFile) : hidden;
  const added = [...base, asArgument(liveFile)].flatMap((path) => ['-c', path]);
  return { ...command, args: [...command.args, ...added] };
};

const baseFile = async (globalsFile: string | undefined): Promise<string[]> => {
  if (globalsFile !== undefined) return [asArgument(globalsFile)];
  return access(DEFAULT_CONFIG_FILE.path).then(
    () => [DEFAULT_CONFIG_FILE.path],
    () => [],
  );
};

/** A path as Vector's flags take it: globs are literal, and a comma would end it. */
export const asArgument = (path: string): string => {
  if (path.includes(',')) {
    throw new NvlError('rootUnusable', {
      message: 'Vector cannot be pointed at a path with a comma in it',
      facts: { path },
      advice: 'choose another output root: Vector splits the values of -c and -C at commas',
    });
  }
  return escapeGlob(path);
};
