import { closeSync, constants, fstatSync, openSync, readdirSync, read as readWithCallback } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { hasCode } from '../errors.ts';
import { parseLinkName } from '../link-name.ts';
import { fileKey } from './file-key.ts';
import { whyRefused } from './judge-file.ts';
import { type LogFolder, lookAt, withLogFolder } from './log-folder.ts';
import { isLogFileOf } from './log-name.ts';

/**
 * nvl's own folders for log files, below its output root: `held` and `pins` are outside Vector's sight. `only`: the one
 * allocation whose files they are for, see `AllocFolders`.
 */
export type FilePlaces = { links: string; held: string; pins: string; only?: string | undefined };

/**
 * One log file of a task. `lastNewline` is the offset behind its last newline: 0 when it has none. `place`: where nvl has
 * it; `folder`: not yet, it lies where Nomad wrote it.
 */
export type LogFile = {
  name: string;
  dev: bigint;
  ino: bigint;
  size: bigint;
  lastNewline: bigint;
  place: 'folder' | 'held' | 'link' | 'pin';
};

export type TaskNames = { allocDir: string; allocId: string; task: string; id: string };

/**
 * The log files of one task, whether Nomad still has them or nvl alone. One that was let go as delivered is not among
 * them, but for those in `pinned` (`device:inode`). Undefined when the log folder is gone and nvl has nothing of it.
 */
export const listTaskFiles = async ({
  names: { allocDir, allocId, task },
  places,
  links,
  pinned,
}: {
  names: TaskNames;
  places: FilePlaces;
  /** The paths of the task's links. */
  links: readonly string[];
  pinned: ReadonlyMap<string, string>;
}): Promise<LogFile[] | undefined> => {
  const found = new Map<string, OpenFile>();
  const held = join(places.held, allocId);
  try {
    for (const path of links) add({ found, place: 'link', name: nameOfLink({ path, task }), path });
    for (const name of namesIn(held))
      if (isLogFileOf({ task, name })) add({ found, place: 'held', name, path: join(held, name) });
    for (const [key, name] of pinned) add({ found, place: 'pin', name, path: pinPath({ places, key }) });
    const isThere = withLogFolder({ allocDir, allocId, only: places.only }, (walk) => {
      if (walk.kind !== 'folder') return false;
      for (const name of walk.folder.names())
        if (isLogFileOf({ task, name })) addFromFolder({ found, folder: walk.folder, name, places, pinned });
      return true;
    });
    if (!isThere && found.size === 0) return undefined;
    const files = [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    return await Promise.all(files.map(({ fd, ...file }) => withEnd({ fd, file })));
  } finally {
    for (const { fd } of found.values()) closeSync(fd);
  }
};

/** As Nomad calls the file. */
const nameOfLink = ({ path, task }: { path: string; task: string }): string => {
  const found = parseLinkName(basename(path));
  return found === undefined ? basename(path) : `${task}.${found.stream}.${found.index}`;
};

/** The paths of all links, by the stem of their task. */
export const linksByStem = (places: FilePlaces): Map<string, string[]> => {
  const found = new Map<string, string[]>();
  for (const pipeline of namesIn(places.links)) {
    for (const name of namesIn(join(places.links, pipeline))) {
      const stem = parseLinkName(name)?.stem;
      if (stem !== undefined) found.set(stem, [...(found.get(stem) ?? []), join(places.links, pipeline, name)]);
    }
  }
  return found;
};

/** Whether an allocation's log folder is gone. */
export const isFolderGone = (where: Parameters<typeof withLogFolder>[0]): boolean =>
  withLogFolder(where, ({ kind }) => kind !== 'folder');

export const pinPath = ({ places, key }: { places: FilePlaces; key: string }): string =>
  `${places.pins}/${key.replace(':', '-')}`;

type OpenFile = Omit<LogFile, 'lastNewline'> & { fd: number };

const namesIn = (dir: string): string[] => {
  try {
    return readdirSync(dir);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
};

const addFromFolder = ({
  found,
  folder,
  name,
  places,
  pinned,
}: {
  found: Map<string, OpenFile>;
  folder: LogFolder;
  name: string;
  places: FilePlaces;
  pinned: ReadonlyMap<string, string>;
}): void => {
  const path = folder.pathOf(name);
  const file = lookAt(path);
  if (file === undefined) return;
  const key = fileKey(file);
  const pin = lookAt(pinPath({ places, key }));
  // A symbolic pin holds nothing, and what was let go with it lies here alone.
  const isHere = pin === undefined || (pin.kind === 'symbolic link' && pinned.has(key));
  // It is nvl's already, or was delivered.
  if (found.has(key) || !isHere) return;
  if (whyRefused({ file, owner: folder.owner, ownLinks: 0n }) !== undefined) return;
  add({ found, place: pin === undefined ? 'folder' : 'pin', name, path, key });
};

/** A symbolic link says nothing: what it leads to is found in its own folder. */
const add = ({
  found,
  place,
  name,
  path,
  key,
}: {
  found: Map<string, OpenFile>;
  place: OpenFile['place'];
  name: string;
  path: string;
  /** What it has to be. */
  key?: string;
}): void => {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    // Nomad's rotation removes the oldest file at any time.
    if (hasCode(error, 'ENOENT', 'ELOOP', 'ENXIO')) return;
    throw error;
  }
  const stats = fstatSync(fd, { bigint: true });
  const { dev, ino, size } = stats;
  const is = fileKey({ dev, ino });
  if (!stats.isFile() || found.has(is) || (key !== undefined && is !== key)) closeSync(fd);
  else found.set(is, { fd, name, dev, ino, size, place });
};

const withEnd = async ({ fd, file }: { fd: number; file: Omit<OpenFile, 'fd'> }): Promise<LogFile> => ({
  ...file,
  lastNewline: BigInt(await endOfLastLine({ fd, size: Number(file.size) })),
});

const CHUNK = 64 * 1024;
const NEWLINE = 0x0a;
const read = promisify(readWithCallback);

/** The offset behind the last newline in the first `size` bytes; 0 when there is none. */
export const endOfLastLine = async ({ fd, size }: { fd: number; size: number }): Promise<number> => {
  const chunk = Buffer.alloc(Math.min(CHUNK, size));
  for (let end = size; end > 0; end -= chunk.length) {
    const start = Math.max(0, end - chunk.length);
    const { bytesRead } = await read(fd, chunk, 0, end - start, start);
    const found = chunk.subarray(0, bytesRead).lastIndexOf(NEWLINE);
    if (found >= 0) return start + found + 1;
  }
  return 0;
};
