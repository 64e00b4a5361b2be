import { constants } from 'node:fs';
import { chmod, type FileHandle, lstat, mkdir, open, rm } from 'node:fs/promises';
import { hasCode, NvlError } from '../errors.ts';
import { isOwn } from '../own-user.ts';

/**
 * Makes a folder of nvl's own, or proves that the one there is: no link, owned by nvl's user, and not writable by others
 * (which is fixed, as whoever could write in it is nvl's own user or let in by it). Throws `rootUnusable`.
 */
export const ownFolder = async ({
  folder,
  mode,
  group,
}: {
  folder: string;
  mode: number;
  /** The number of the group that the folder gets; it stays as it is by default. */
  group?: number | undefined;
}): Promise<void> => {
  await mkdir(folder, { mode }).catch((error: unknown) => {
    if (!hasCode(error, 'EEXIST')) throw error;
  });
  const handle = await openFolder(folder);
  try {
    const found = await handle.stat();
    checkUser({ path: folder, uid: found.uid });
    if (group !== undefined && group !== found.gid) await setGroup({ handle, path: folder, uid: found.uid, group });
    await setMode({ handle, is: found.mode & 0o7777, mode });
  } finally {
    await handle.close();
  }
};

/** The same proof for a command that only looks; rejects with ENOENT for a folder that is missing. */
export const checkOwnFolder = async (folder: string): Promise<void> => {
  const found = await lstat(folder);
  if (found.isSymbolicLink()) throw notOwn({ path: folder, reason: 'it is a symbolic link' });
  if (found.isDirectory()) checkUser({ path: folder, uid: found.uid });
};

const checkUser = ({ path, uid }: { path: string; uid: number }): void => {
  if (!isOwn(uid)) throw notOwn({ path, reason: `it belongs to user ${uid}, not to nvl's` });
};

/** The root itself may be reached by a link, if nobody but nvl's user or root can have made that. */
export const checkRootLink = async (root: string): Promise<void> => {
  const found = await lstat(root).catch(() => undefined);
  if (found?.isSymbolicLink() !== true || found.uid === 0 || isOwn(found.uid)) return;
  throw notOwn({ path: root, reason: `it is a symbolic link of user ${found.uid}` });
};

/** The bytes of a file of nvl's own; undefined for none, and for what nvl can't have put there: a link, a folder, a pipe, another user's. */
export const readOwnFile = async (file: string): Promise<Buffer | undefined> => {
  let handle: FileHandle;
  try {
    // Without O_NONBLOCK a pipe would be waited on for ever.
    handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ELOOP', 'ENXIO', 'ENOTDIR')) return undefined;
    throw error;
  }
  try {
    const found = await handle.stat();
    return found.isFile() && isOwn(found.uid) ? await handle.readFile() : undefined;
  } finally {
    await handle.close();
  }
};

/** A new and empty file of that name: what had it, were it a link to somebody's, is let go and not written to. */
export const openNew = async ({ file, mode }: { file: string; mode: number }): Promise<FileHandle> => {
  await rm(file, { recursive: true, force: true });
  return open(file, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, mode);
};

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

const openFolder = async (folder: string): Promise<FileHandle> => {
  try {
    return await open(folder, FOLDER);
  } catch (error) {
    const found = await lstat(folder);
    if (found.isSymbolicLink()) throw notOwn({ path: folder, reason: 'it is a symbolic link' });
    if (!found.isDirectory()) throw notOwn({ path: folder, reason: 'it is no folder (ENOTDIR)' });
    if (!hasCode(error, 'EACCES') || !isOwn(found.uid)) throw error;
    // A mode that shuts nvl out itself, of a folder that is nvl's.
    await chmod(folder, 0o700);
    return open(folder, FOLDER);
  }
};

const setGroup = async ({
  handle,
  path,
  uid,
  group,
}: {
  handle: FileHandle;
  path: string;
  uid: number;
  group: number;
}): Promise<void> => {
  try {
    await handle.chown(uid, group);
  } catch (error) {
    if (!hasCode(error, 'EPERM')) throw error;
    throw new NvlError('rootUnusable', {
      message: 'a folder of the output root cannot be given to the group of vector.group',
      facts: { path, group: String(group) },
      advice: 'run nvl as root or as a member of that group, or leave vector.group out',
      cause: error,
    });
  }
};

const setMode = async ({ handle, is, mode }: { handle: FileHandle; is: number; mode: number }): Promise<void> => {
  if (is === mode) return;
  try {
    await handle.chmod(mode);
  } catch (error) {
    // On a disk that is read-only now, what others may read too is no reason to stop.
    if (!hasCode(error, 'EROFS') || (is & 0o022) !== 0) throw error;
  }
};

const notOwn = ({ path, reason }: { path: string; reason: string }): NvlError =>
  new NvlError('rootUnusable', {
    message: 'a folder of the output root is not nvl’s own',
    facts: { path, reason },
    advice:
      'remove it or give it to the user that runs nvl (chown -R): nvl writes and deletes in its own folders alone',
  });
