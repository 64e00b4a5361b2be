import { constants } from 'node:fs';
import { access, mkdir, readdir, readFile, realpath, rm, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, normalize } from 'node:path';
import { hasCode, messageOf, NvlError } from '../errors.ts';
import { checkOwnFolder, checkRootLink, ownFolder } from './own.ts';
import { type RootPaths, rootPaths } from './paths.ts';
import { writeSynced } from './sync.ts';

/** The number of the group whose members alone may read what Vector reads; undefined: all users may. */
export type Readers = { group?: number | undefined };

/**
 * Makes the output root and its folders, or proves that those there can be used. Throws `rootUnusable` with the reason: a
 * name that Vector cannot be pointed at, no right to write, a folder that is not nvl's own or is a link, more than one file
 * system, or a live file that is mounted by itself, which no rename can replace.
 */
export const prepareRoot = async ({ root, group }: { root: string } & Readers): Promise<RootPaths> => {
  const paths = pathsOf(root);
  await repairRoot({ paths, group });
  try {
    await checkWritable(paths);
  } catch (error) {
    throw cannotBeUsed({ root, error });
  }
  return paths;
};

/**
 * The same under way, for before each use: what a cleaner of old files took away is made again, and whoever put something
 * else in its place is not followed there. Writes nothing where nothing is missing, so a full or read-only disk passes.
 */
export const repairRoot = async ({ paths, group }: { paths: RootPaths } & Readers): Promise<void> => {
  try {
    await makeFolders({ paths, group });
    await checkOneFileSystem(paths);
    await checkMounts(paths);
  } catch (error) {
    if (error instanceof NvlError) throw error;
    throw cannotBeUsed({ root: paths.root, error });
  }
};

/**
 * The same proofs as far as they can be had without making or writing anything, for whoever only looks. Throws
 * `rootUnusable`; `isThere` is false for a root that `prepareRoot` is going to make.
 */
export const inspectRoot = async ({ root }: { root: string }): Promise<{ isThere: boolean }> => {
  const paths = pathsOf(root);
  const folders = [
    paths.live,
    paths.stage,
    paths.generations,
    paths.rows,
    paths.links,
    paths.held,
    paths.pins,
    paths.state,
  ];
  try {
    await checkRootLink(paths.root);
    const there = await mayBeUsed(await realpath(paths.root).catch(() => paths.root));
    if (!there) await checkRights(await firstAbove(paths.root));
    const whole = (await Promise.all(folders.map(mayBeUsed))).every(Boolean);
    if (whole) await checkOneFileSystem(paths);
    if (there) await checkMounts(paths);
    return { isThere: there };
  } catch (error) {
    if (error instanceof NvlError) throw error;
    throw cannotBeUsed({ root, error });
  }
};

/** Where everything lies in a root of that name. Throws `rootUnusable` for a name that Vector cannot be pointed at. */
export const pathsOf = (root: string): RootPaths => {
  checkName(root);
  return rootPaths(normalize(root).replace(/(?<=.)\/$/, ''));
};

/** False for a folder that is missing; throws for one that may not be read and written, is not nvl's own, or is no folder. */
const mayBeUsed = async (folder: string): Promise<boolean> => {
  try {
    await checkOwnFolder(folder);
    await checkRights(folder);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
};

const checkRights = async (folder: string): Promise<void> => {
  await readdir(folder);
  await access(folder, constants.W_OK | constants.X_OK);
};

const firstAbove = async (path: string): Promise<string> => {
  const above = dirname(path);
  const isThere = await stat(above).then(
    () => true,
    () => false,
  );
  return isThere || above === path ? above : firstAbove(above);
};

const cannotBeUsed = ({ root, error }: { root: string; error: unknown }): NvlError =>
  rootUnusable({
    root,
    reason: messageOf(error),
    advice:
      'make it a folder of nvl alone that its user may write to, or name another one in the configuration key root',
    cause: error,
  });

const checkName = (root: string): void => {
  const reason = !isAbsolute(root)
    ? 'it is not an absolute path'
    : root.includes(',')
      ? 'it has a comma in it, at which Vector splits the paths it is given'
      : /\p{Cc}/u.test(root)
        ? 'it has a control character in it'
        : undefined;
  if (reason !== undefined) throw rootUnusable({ root, reason, advice: 'choose another folder, such as /var/lib/nvl' });
};

/** Of the folders that Vector reads. */
export const readMode = (group: number | undefined): number => (group === undefined ? 0o755 : 0o750);

/**
 * Vector, perhaps of another user, must reach live, rows, links and its state; what was staged or kept is nvl's own business.
 * The root itself may be walked through and not opened: whoever can open it can lock it.
 */
const makeFolders = async ({ paths, group }: { paths: RootPaths } & Readers): Promise<void> => {
  await checkRootLink(paths.root);
  await mkdir(paths.root, { recursive: true });
  await ownFolder({ folder: await realpath(paths.root), mode: 0o711 });
  for (const folder of [paths.live, paths.rows, paths.links, paths.state])
    await ownFolder({ folder, mode: readMode(group), group });
  for (const folder of [paths.stage, paths.generations, paths.held, paths.pins])
    await ownFolder({ folder, mode: 0o700 });
};

/** Tried and not asked for: root may do what a read-only or full file system does not. Live is only tried by a swap. */
const checkWritable = async (paths: RootPaths): Promise<void> => {
  for (const folder of [paths.stage, paths.generations, paths.state]) {
    const probe = join(folder, '.probe');
    await writeSynced({ file: probe, text: 'nvl\n' });
    await rm(probe);
  }
};

const checkOneFileSystem = async (paths: RootPaths): Promise<void> => {
  const [stage, live] = await Promise.all([stat(paths.stage), stat(paths.live)]);
  if (stage.dev === live.dev) return;
  throw rootUnusable({
    root: paths.root,
    reason: 'stage/ and live/ are on two file systems, so that nothing can be renamed from one to the other',
    advice: 'mount the whole output root, not its folders',
  });
};

/** The live file or folder as a mount point, which a bind mount makes on the same file system too: proc_pid_mountinfo(5). */
const checkMounts = async (paths: RootPaths): Promise<void> => {
  const text = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '');
  const root = await realpath(paths.root);
  const real = rootPaths(root);
  const points = new Set(text.split('\n').map((line) => unescapeOctal(line.split(' ')[4] ?? '')));
  const mounted = [real.liveFile, real.live, real.stage].find((path) => points.has(path));
  if (mounted === undefined) return;
  throw rootUnusable({
    root: paths.root,
    reason: `${mounted} is a mount point of its own, which a rename cannot replace or cross`,
    advice: 'mount the whole output root, into nvl and into Vector alike',
  });
};

const unescapeOctal = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));

const rootUnusable = ({
  root,
  reason,
  advice,
  cause,
}: {
  root: string;
  reason: string;
  advice: string;
  cause?: unknown;
}): NvlError =>
  new NvlError('rootUnusable', { message: 'the output root cannot be used', facts: { root, reason }, advice, cause });
