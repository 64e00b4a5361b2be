import { open, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import * as cosmiconfig from 'cosmiconfig/dist/Explorer.js';
import { CONFIG_NAMES, HIDDEN_NAMES } from './names.ts';
import { endsByItself, FORMATS } from './read.ts';

/**
 * Where the configuration is: in the working directory or above it, up to the project's root, else in the system's folder.
 * The first that exists wins, also when it is empty; nothing is merged. Undefined when there is none.
 */
export const findConfig = async ({
  cwd,
  systemDir,
  at = (folder) => folder,
}: {
  cwd: string;
  systemDir: string;
  /** Where what belongs into a folder really lies. */
  at?: (folder: string) => string;
}): Promise<string | undefined> => {
  for (const folder of await foldersUpwards(cwd)) {
    const file = await searchIn(at(folder), [...CONFIG_NAMES, ...HIDDEN_NAMES]);
    if (file !== undefined) return join(folder, relative(at(folder), file));
  }
  return searchIn(systemDir, CONFIG_NAMES);
};

/**
 * From the working directory to the first folder that is a project's root. Without one, upwards as long as only their owners
 * can write to the folders: what somebody else left in /tmp must not configure a program that runs as root.
 */
const foldersUpwards = async (cwd: string): Promise<string[]> => {
  const folders = [resolve(cwd)];
  for (;;) {
    const folder = folders.at(-1) ?? '/';
    const above = dirname(folder);
    if (above === folder || (await isProjectRoot(folder)) || (await canAnyoneWrite(above))) return folders;
    folders.push(above);
  }
};

const isProjectRoot = async (folder: string): Promise<boolean> => {
  const found = await Promise.all(['.git', 'package.json'].map((name) => statOf(join(folder, name))));
  return found.some((stats) => stats !== undefined);
};

const canAnyoneWrite = async (folder: string): Promise<boolean> => (((await statOf(folder))?.mode ?? 0) & 0o002) !== 0;

const statOf = (name: string) => stat(name).catch(() => undefined);

type Explorer = { search: (folder: string) => Promise<{ filepath: string } | null> };

/**
 * One folder at a time, since cosmiconfig's own ways upwards end at a package.json only, or go on to the home folder.
 *
 * Its `Explorer` is taken without the function around it: that one first looks for a configuration of cosmiconfig's own in
 * the process's working directory, and runs `.config/config.js` there (`getUserDefinedOptionsFromMetaConfig` in 10.0.1).
 * The files are only found here, not read: its loaders know no lines, fix bad UTF-8, and follow `$import`.
 */
const searchIn = async (folder: string, places: readonly string[]): Promise<string | undefined> => {
  // It reads what it finds, and would wait for ever on a FIFO: that one is found here, for its reader to say so.
  const endless = await findEndless(folder, places);
  const searchPlaces = endless === undefined ? places : places.slice(0, places.indexOf(endless));
  if (searchPlaces.length === 0 && endless !== undefined) return join(folder, endless);
  const { Explorer } = cosmiconfig as unknown as { Explorer: new (settings: object) => Explorer };
  const explorer = new Explorer({
    moduleName: 'nvl',
    searchPlaces,
    loaders: Object.fromEntries(Object.keys(FORMATS).map((extension) => [extension || 'noExt', () => ({})])),
    ignoreEmptySearchPlaces: false,
    searchStrategy: 'none',
    transform: (result: unknown) => result,
    cache: false,
  });
  const found = (await explorer.search(folder).catch(failedAt(folder)))?.filepath;
  const other = endless === undefined ? undefined : join(folder, endless);
  return (await unreadableBefore({ folder, searchPlaces, found })) ?? found ?? other;
};

const findEndless = async (folder: string, places: readonly string[]): Promise<string | undefined> => {
  for (const place of places) {
    if (!(await endsByItself(join(folder, place)).catch(() => true))) return place;
  }
  return undefined;
};

/** A file that cannot be opened (a link to itself, a broken disk) is found, for its reader to say so; a folder is not. */
const failedAt = (folder: string) => (error: unknown) => {
  if (!(error instanceof Error) || !('path' in error) || typeof error.path !== 'string') throw error;
  return error.path === folder ? null : { filepath: error.path };
};

/** cosmiconfig passes over a file that it may not read. Its author expects it to be read, so that is told. */
const unreadableBefore = async ({
  folder,
  searchPlaces,
  found,
}: {
  folder: string;
  searchPlaces: readonly string[];
  found: string | undefined;
}): Promise<string | undefined> => {
  const places = searchPlaces.map((place) => join(folder, place));
  for (const place of found === undefined ? places : places.slice(0, places.indexOf(found))) {
    if ((await statOf(place))?.isFile() === true && !(await canRead(place))) return place;
  }
  return undefined;
};

const canRead = async (file: string): Promise<boolean> => {
  try {
    await (await open(file)).close();
    return true;
  } catch {
    return false;
  }
};
