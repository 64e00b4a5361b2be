import { readdir, readlink, realpath } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import type { ConfigFormat, ReadArgs } from './command.ts';
import { expandGlob, matchesGlob } from './glob.ts';

/** One file or folder that Vector loads, after its globs are expanded. Paths are absolute. */
export type ConfigPath =
  | { kind: 'file'; path: string; format?: ConfigFormat; isLive: boolean }
  | { kind: 'dir'; path: string; holdsLive: boolean };

/**
 * What a Vector with these arguments loads, in the order of its arguments, and where the live file is among it, also
 * when that does not exist yet. A path that matches nothing is kept as it is: Vector ends with 78 over it.
 */
export const findConfigPaths = async ({
  named,
  cwd,
  liveFile,
}: {
  named: Pick<ReadArgs, 'files' | 'dirs'>;
  cwd: string;
  liveFile: string;
}): Promise<ConfigPath[]> => {
  const live = await trueFilePath(liveFile);
  const expand = async (pattern: string): Promise<string[]> => {
    const matches = (await expandGlob({ pattern, cwd })).map((path) => resolve(cwd, path));
    return matches.length > 0 ? matches : [resolve(cwd, pattern)];
  };
  const files = await Promise.all(
    named.files.map(async ({ path, format }) => {
      const matches = await expand(path);
      const coversLive = matchesGlob({ pattern: resolve(cwd, path), path: resolve(liveFile) });
      const paths = coversLive ? withPath(matches, resolve(liveFile), resolve(cwd, path)) : matches;
      return Promise.all(
        paths.map(async (match): Promise<ConfigPath> => {
          const isLive = (await trueFilePath(match)) === live;
          return { kind: 'file', path: match, isLive, ...(format === undefined ? {} : { format }) };
        }),
      );
    }),
  );
  const dirs = await Promise.all(
    named.dirs.map(async (pattern) =>
      Promise.all(
        (await expand(pattern)).map(
          async (path): Promise<ConfigPath> => ({
            kind: 'dir',
            path,
            holdsLive: await isLoadedFrom({ dir: path, live }),
          }),
        ),
      ),
    ),
  );
  return [...files.flat(), ...dirs.flat()];
};

/** Whether Vector loads the live file from there. */
export const isLive = (path: ConfigPath): boolean => (path.kind === 'file' ? path.isLive : path.holdsLive);

/** The path without links, also of a file that is not there yet, and of a link to one. */
export const trueFilePath = async (path: string, depth = 0): Promise<string> => {
  const real = await realpath(path).catch(() => undefined);
  if (real !== undefined) return real;
  const target = depth < 40 ? await readlink(path).catch(() => undefined) : undefined;
  if (target !== undefined) return trueFilePath(resolve(dirname(path), target), depth + 1);
  return join(await realpath(dirname(path)).catch(() => resolve(dirname(path))), basename(path));
};

/** The sub-folders of a `--config-dir` whose files are one component each (Vector 0.57, `config/loading/loader.rs`). */
export const COMPONENT_FOLDERS = ['sources', 'transforms', 'sinks', 'tests', 'enrichment_tables'] as const;

/** The format Vector takes from a file's name; undefined: not read from a folder, and read as TOML with `-c`. */
export const formatOf = (path: string): ConfigFormat | undefined => FORMATS[extname(path)];

const FORMATS: Readonly<Record<string, ConfigFormat>> = {
  '.toml': 'toml',
  '.json': 'json',
  '.yaml': 'yaml',
  '.yml': 'yaml',
};

/** Adds a file that a pattern will match once it is there, in place of the pattern that matched nothing so far. */
const withPath = (matches: string[], path: string, pattern: string): string[] =>
  matches.includes(path) ? matches : [...matches.filter((match) => match !== pattern), path];

/** Vector loads the files right in the folder whose names end in a format it knows, whatever they link to. */
const isLoadedFrom = async ({ dir, live }: { dir: string; live: string }): Promise<boolean> => {
  const names = new Set([...(await readdir(dir).catch(() => [])), basename(live)]);
  const read = [...names].filter((name) => formatOf(name) !== undefined);
  const targets = await Promise.all(read.map((name) => trueFilePath(join(dir, name))));
  return targets.includes(live);
};
