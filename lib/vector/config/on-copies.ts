import { environmentOf, INTERPOLATION, readArgs, type VectorCommand } from './command.ts';
import { asArgument } from './with-live.ts';

/** What nvl keeps of the team's own files: `folder` holds `files/` and `dirs/`, neither of them ever empty. */
export type CopiesFolder = {
  folder: string;
  /** The team's own path of each copy, by the copy's. It may change while Vector runs. */
  originals: ReadonlyMap<string, string>;
};

/**
 * The command that reads the copies of the team's own files in their place, and nvl's live file. Its arguments are the same
 * whatever the files say, and how many there are: globs find them. What variables name is hidden or taken out.
 */
export const onCopies = ({
  command,
  liveFile,
  copies: { folder, originals },
}: {
  command: VectorCommand;
  liveFile: string;
  copies: CopiesFolder;
}): VectorCommand => {
  const { rest, watches, interpolates, dirs } = readArgs({ args: command.args, env: environmentOf(command) });
  const below = asArgument(folder);
  return {
    ...command,
    args: [
      ...rest,
      ...(watches ? ['--watch-config'] : []),
      ...(interpolates ? [INTERPOLATION] : []),
      ...['-c', `${below}/files/*`, '-c', asArgument(liveFile)],
      ...(dirs.length > 0 ? ['-C', `${below}/dirs/*`] : []),
    ],
    env: { ...command.env, ...Object.fromEntries(CONFIG_VARIABLES.map((name) => [name, undefined])) },
    originals,
  };
};

const CONFIG_VARIABLES = [
  'VECTOR_CONFIG',
  'VECTOR_CONFIG_DIR',
  'VECTOR_CONFIG_TOML',
  'VECTOR_CONFIG_JSON',
  'VECTOR_CONFIG_YAML',
];

/** Words of Vector's with the team's own paths in the place of the copies'. */
export const withOriginalPaths = ({
  words,
  command: { originals = new Map() },
}: {
  words: string;
  command: Pick<VectorCommand, 'originals'>;
}): string =>
  // The longest first: a folder's copy begins the names of those in it.
  [...originals]
    .sort(([a], [b]) => b.length - a.length)
    .reduce((text, [copy, original]) => text.replaceAll(copy, () => original), words);
