import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  opendirSync,
  openSync,
  readdirSync,
} from 'node:fs';
import { hasCode } from '../errors.ts';
import { fileKey } from './file-key.ts';
import type { FileKind, FolderOwner, SeenFile } from './judge-file.ts';
import { isAllocId } from './log-name.ts';

/**
 * An allocation's log folder, held open: its path is looked up once, name by name, and no link is followed on the way.
 * What is done with it goes through `/proc/self/fd`, so that whatever is put in its place meanwhile is not touched.
 */
export type LogFolder = {
  /** Tells it from any other. */
  key: string;
  /** Another one for each name that came or went since; undefined while that was so lately that one more could not be told. */
  state: string | undefined;
  owner: FolderOwner;
  /** A path to a name in it, whatever lies where it lay. */
  pathOf(name: string): string;
  names(): string[];
};

/** Where the way ended: the folder `at` is the deepest that is there; undefined for a way that is no folder of Nomad's. */
export type Walk =
  | { kind: 'folder'; folder: LogFolder }
  | { kind: 'missing'; depth: number; at: LogFolder | undefined }
  | { kind: 'refused'; why: string };

/**
 * Where Nomad keeps log files: those of each allocation below the alloc directory of a node; or, for an nvl within `only` one,
 * those of that one, whose shared folder `allocDir` then is (`NOMAD_ALLOC_DIR`): a task in a container sees no more of the node.
 */
export type AllocFolders = { allocDir: string; only?: string | undefined };

/** The names below `allocDir` on the way to an allocation's logs. */
const below = ({ only, allocId }: Pick<AllocFolders, 'only'> & { allocId: string }): string[] =>
  only === undefined ? [allocId, 'alloc', 'logs'] : ['logs'];

/** The path of an allocation's log folder. Pure. */
export const logDirOf = ({ allocDir, ...which }: AllocFolders & { allocId: string }): string =>
  [allocDir, ...below(which)].join('/');

/**
 * Opens `<alloc dir>/<alloc id>/alloc/logs` for as long as `use` takes, which is not long: everything here is a look-up of
 * names, and done at once so that nothing can come between.
 */
export const withLogFolder = <T>(
  { allocDir, allocId, only }: AllocFolders & { allocId: string },
  use: (walk: Walk) => T,
): T => {
  if (!isAllocId(allocId)) return use({ kind: 'refused', why: 'its name is no id of an allocation' });
  if (only !== undefined && allocId !== only) return use({ kind: 'missing', depth: 0, at: undefined });
  const opened: number[] = [];
  try {
    return use(walk({ allocDir, only, names: below({ only, allocId }), opened }));
  } finally {
    for (const fd of opened) closeSync(fd);
  }
};

const walk = ({ allocDir, only, names, opened }: AllocFolders & { names: string[]; opened: number[] }): Walk => {
  let fd: number;
  try {
    // Whoever set up this one may have made it a link.
    fd = openSync(allocDir, O_PATH | constants.O_DIRECTORY);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return { kind: 'missing', depth: 0, at: undefined };
    throw error;
  }
  opened.push(fd);
  const { dev, uid } = fstatSync(fd, { bigint: true });
  const owner = { dev, uid: only === undefined ? uid : logWriterOf(uid) };
  for (const [depth, name] of names.entries()) {
    try {
      fd = openSync(inFolder(fd, name), O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW);
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return { kind: 'missing', depth, at: depth === 0 ? undefined : open(fd, owner) };
      if (hasCode(error, 'ENOTDIR', 'ELOOP')) return { kind: 'refused', why: whatFor(fd, name) };
      throw error;
    }
    opened.push(fd);
  }
  return { kind: 'folder', folder: open(fd, owner) };
};

/**
 * Who writes the logs in a shared folder of this owner: an agent that is root gives the folder to nobody, any other can't.
 *
 * @source https://github.com/hashicorp/nomad/blob/main/client/allocdir/fs_unix.go dropDirPermissions
 */
const logWriterOf = (uid: bigint): bigint => (uid === NOBODY ? 0n : uid);

const NOBODY = 65_534n;

const open = (fd: number, owner: FolderOwner): LogFolder => {
  const found = fstatSync(fd, { bigint: true });
  return {
    key: fileKey(found),
    state: stateOf(found),
    owner,
    pathOf: (name) => (name === '' ? `/proc/self/fd/${fd}` : inFolder(fd, name)),
    names: () => firstNames(`/proc/self/fd/${fd}/`),
  };
};

/** Nobody can set the time of the last change of a folder, and two changes within a tick of the kernel's clock have the same. */
const stateOf = (found: BigIntStats): string | undefined =>
  Date.now() - Number(found.ctimeMs) < TICK_MS ? undefined : `${fileKey(found)} ${found.ctimeNs}`;

const TICK_MS = 1_000;

/** The state of an allocation's log folder, at the cost of one look-up: enough to see that nothing is new in it. */
export const folderState = (where: AllocFolders & { allocId: string }): string | undefined => {
  const found = lstatSync(logDirOf(where), { bigint: true, throwIfNoEntry: false });
  return found === undefined ? undefined : stateOf(found);
};

const inFolder = (fd: number, name: string): string => `/proc/self/fd/${fd}/${name}`;

const whatFor = (fd: number, name: string): string =>
  `${name}/ is a ${lookAt(inFolder(fd, name))?.kind ?? 'symbolic link'}, and no folder`;

/** A task may make as many names as it likes, and each look would take longer. */
const MOST_NAMES = 10_000;

const firstNames = (path: string): string[] => {
  const dir = opendirSync(path);
  try {
    const names: string[] = [];
    for (let entry = dir.readSync(); entry !== null && names.length < MOST_NAMES; entry = dir.readSync())
      names.push(entry.name);
    return names;
  } finally {
    dir.closeSync();
  }
};

/** The allocations that have a folder. */
export const listAllocs = ({ allocDir, only }: AllocFolders): string[] => {
  if (only !== undefined) return [only];
  try {
    return readdirSync(allocDir).filter(isAllocId);
  } catch (error) {
    // The agent makes it when it first starts.
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
};

/** Looks at a name without opening what it stands for: a device may act on being opened, a pipe waits. */
export const lookAt = (path: string): SeenFile | undefined => {
  let fd: number;
  try {
    fd = openSync(path, O_PATH | constants.O_NOFOLLOW);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
  try {
    const found = fstatSync(fd, { bigint: true });
    const { dev, ino, nlink, uid } = found;
    // Deleted since its name was looked up.
    return nlink === 0n ? undefined : { kind: kindOf(found), dev, ino, nlink, uid };
  } finally {
    closeSync(fd);
  }
};

const kindOf = (found: BigIntStats): FileKind => {
  if (found.isFile()) return 'file';
  if (found.isSymbolicLink()) return 'symbolic link';
  if (found.isDirectory()) return 'folder';
  if (found.isFIFO()) return 'pipe';
  return found.isSocket() ? 'socket' : 'device';
};

/** Of Linux; Node has no name for it. It gives a place to start from, and no right to read or write. */
const O_PATH = 0o10000000;
