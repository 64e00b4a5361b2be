import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { basename, extname, join, relative } from 'node:path';
import { hasCode, messageOf } from '../../errors.ts';
import { environmentOf, readArgs, type VectorCommand } from './command.ts';
import { COMPONENT_FOLDERS, type ConfigPath, findConfigPaths, formatOf, trueFilePath } from './paths.ts';

/** The team's own files as they are at this moment, each with the name that its copy gets. */
export type OwnFiles = {
  files: readonly { copy: string; original: string; bytes: Buffer }[];
  /** Those given with `--config-dir`. */
  folders: readonly { copy: string; original: string }[];
  /** What cannot be copied, and why: without it, it would be another configuration. */
  faults: readonly { file: string; message: string }[];
  /** Equal as long as the same files say the same. */
  digest: string;
};

/** More than this is no configuration: nvl holds it in memory. */
const MAX_BYTES = 32 * 1024 * 1024;

/**
 * Reads all that a Vector with these arguments loads beside nvl's live file, links followed and globs expanded. The names
 * of the copies keep the format that Vector takes each for, and the order in which it loads them.
 */
export const readOwnFiles = async ({
  command,
  liveFile,
}: {
  command: VectorCommand;
  liveFile: string;
}): Promise<OwnFiles> => {
  const named = readArgs({ args: command.args, env: environmentOf(command) });
  const paths = inOrder(await findConfigPaths({ named, cwd: command.cwd, liveFile }));
  const live = await trueFilePath(liveFile);
  const reading: Reading = { live, files: [], folders: [], faults: [], bytes: 0 };
  for (const [index, path] of paths.entries()) {
    const number = String(index + 1).padStart(4, '0');
    if (path.kind === 'dir') await readFolder({ path, number, reading });
    else if (!path.isLive) {
      const format = path.format ?? formatOf(path.path) ?? 'toml';
      const copy = join('files', `${number}-${plainName(path.path)}.${format}`);
      await readInto({ file: path.path, copy, reading });
    }
  }
  const { files, folders, faults } = reading;
  return { files, folders, faults, digest: digestOfOwn(reading) };
};

type Reading = {
  live: string;
  files: { copy: string; original: string; bytes: Buffer }[];
  folders: { copy: string; original: string }[];
  faults: { file: string; message: string }[];
  bytes: number;
};

/** Files come first, and each once (Vector 0.57, `config/loading/mod.rs`). */
const inOrder = (paths: readonly ConfigPath[]): ConfigPath[] => {
  const keyOf = (path: ConfigPath): string =>
    `${path.kind === 'file' ? `0${path.path}\0${path.format}` : `1${path.path}`}`;
  const byKey = new Map(paths.map((path) => [keyOf(path), path]));
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path);
};

const plainName = (path: string): string => basename(path, extname(path)).replaceAll(/[^\w.-]/g, '_');

const readFolder = async ({
  path: { path, holdsLive },
  number,
  reading,
}: {
  path: Extract<ConfigPath, { kind: 'dir' }>;
  number: string;
  reading: Reading;
}): Promise<void> => {
  const copy = join('dirs', `${number}-${plainName(path)}`);
  try {
    const files = await filesBelow(path);
    const trueFiles = holdsLive ? await Promise.all(files.map((file) => trueFilePath(file))) : files;
    const own = files.filter((_, index) => trueFiles[index] !== reading.live);
    // nvl's own folder of the live file is no folder of the team's.
    if (holdsLive && own.length === 0) return;
    reading.folders.push({ copy, original: path });
    for (const file of own) await readInto({ file, copy: join(copy, relative(path, file)), reading });
  } catch (error) {
    reading.faults.push({ file: path, message: whyNot(error) });
  }
};

/** What Vector reads of a folder: transforms may lie at any depth (0.57, `config/loading/loader.rs`). */
const filesBelow = async (folder: string): Promise<string[]> => {
  const top = await filesIn(folder);
  const below = await Promise.all(
    COMPONENT_FOLDERS.map(async (name) => {
      const inside = join(folder, name);
      return (await isFolder(inside)) ? deepFilesIn(inside) : [];
    }),
  );
  return [...top, ...below.flat()];
};

const MAX_DEPTH = 16;

const deepFilesIn = async (folder: string, depth = 0): Promise<string[]> => {
  const names = depth < MAX_DEPTH ? (await readdir(folder)).sort() : [];
  const below = await Promise.all(
    names
      .filter((name) => !name.startsWith('.'))
      .map(async (name) => ((await isFolder(join(folder, name))) ? deepFilesIn(join(folder, name), depth + 1) : [])),
  );
  return [...(await filesIn(folder)), ...below.flat()];
};

/** A link that leads nowhere is none of them, for Vector too. */
const filesIn = async (folder: string): Promise<string[]> => {
  const files = (await readdir(folder))
    .filter((name) => formatOf(name) !== undefined)
    .sort()
    .map((name) => join(folder, name));
  const found = await Promise.all(files.map((file) => stat(file).catch(() => undefined)));
  return files.filter((_, index) => found[index]?.isFile() === true);
};

const isFolder = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined))?.isDirectory() === true;

const readInto = async ({ file, copy, reading }: { file: string; copy: string; reading: Reading }): Promise<void> => {
  try {
    const bytes = await readRegular({ file, maxBytes: MAX_BYTES - reading.bytes });
    reading.bytes += bytes.length;
    reading.files.push({ copy, original: file, bytes });
  } catch (error) {
    reading.faults.push({ file, message: whyNot(error) });
  }
};

/** Never waits on a pipe that stands in a file's place. */
const readRegular = async ({ file, maxBytes }: { file: string; maxBytes: number }): Promise<Buffer> => {
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw new Error('is no regular file');
    if (found.size > maxBytes)
      throw new Error(`is too large: nvl copies ${MAX_BYTES / 1024 / 1024} MiB at most in all`);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
};

const whyNot = (error: unknown): string =>
  hasCode(error, 'ENOENT', 'ENOTDIR')
    ? 'is not there'
    : hasCode(error, 'EACCES', 'EPERM')
      ? 'may not be read'
      : messageOf(error);

/** Of what is copied, or could not be. */
export const digestOfOwn = ({
  files,
  folders,
  faults = [],
}: Pick<OwnFiles, 'files' | 'folders'> & { faults?: OwnFiles['faults'] }): string => {
  const sum = createHash('sha256').update(JSON.stringify([folders, faults]));
  for (const { copy, original, bytes } of files)
    sum.update(JSON.stringify([copy, original, bytes.length])).update(bytes);
  return sum.digest('hex');
};
