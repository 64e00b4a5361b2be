import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConfigFormat } from './command.ts';
import { COMPONENT_FOLDERS, type ConfigPath, formatOf } from './paths.ts';

/** A file that Vector reads; `folder`: it holds one component of that kind, named after the file. */
export type LoadedFile = {
  file: string;
  format?: ConfigFormat | undefined;
  folder?: (typeof COMPONENT_FOLDERS)[number];
};

/** Every file that Vector reads for these paths: of a folder those at its top, and in its sub-folders. */
export const loadedFiles = async (paths: readonly ConfigPath[]): Promise<LoadedFile[]> => {
  const found = await Promise.all(
    paths.map((path): LoadedFile[] | Promise<LoadedFile[]> =>
      path.kind === 'dir' ? filesOf(path.path) : [{ file: path.path, format: path.format }],
    ),
  );
  return found.flat();
};

/** Its text. A pipe or a device that stands in a file's place is not read: that might never end. */
export const readLoaded = async (file: string): Promise<string> => {
  if (!(await stat(file)).isFile()) throw new Error(`${file} is no regular file`);
  return readFile(file, 'utf8');
};

const filesOf = async (dir: string): Promise<LoadedFile[]> => {
  const folders = await Promise.all(
    COMPONENT_FOLDERS.map(async (folder) =>
      (await filesIn(join(dir, folder))).map((file): LoadedFile => ({ file, folder })),
    ),
  );
  return [...(await filesIn(dir)).map((file): LoadedFile => ({ file })), ...folders.flat()];
};

const filesIn = async (dir: string): Promise<string[]> => {
  const names = (await readdir(dir).catch(() => [])).filter((name) => formatOf(name) !== undefined).sort();
  const files = names.map((name) => join(dir, name));
  const kept = await Promise.all(
    files.map((file) =>
      stat(file).then(
        (found) => found.isFile(),
        () => true,
      ),
    ),
  );
  return files.filter((_, index) => kept[index]);
};
