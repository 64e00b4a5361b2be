import { randomBytes } from 'node:crypto';
import { type FileHandle, link, lstat, open, unlink } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode, NvlError } from '../errors.ts';

export type Lock = {
  /** Whether the lock file is still this one: false once somebody removed or replaced it. */
  isHeld(): Promise<boolean>;
  release(): Promise<void>;
};

/**
 * One nvl on one output root: the owner listens on the Unix socket `lock`, which the kernel closes at its death, however
 * that comes. A socket that nobody listens on is replaced. Throws `rootLocked`, naming the owner's process.
 */
export const lockRoot = async ({ lockFile }: { lockFile: string }): Promise<Lock> => {
  const folder = await open(dirname(lockFile), 'r');
  const place = placeOf({ folder, lockFile });
  const name = basename(lockFile);
  // It listens under a name of its own first, so that nobody ever meets a lock that does not answer yet.
  const own = join(place, `.${name}-${process.pid}-${randomBytes(4).toString('hex')}`);
  const server = await listen(own).catch(async (error: unknown) => {
    await folder.close();
    throw unusable({ lockFile, error });
  });
  try {
    await takeOver({ own, socket: join(place, name), lockFile });
    // Before it is looked at: a name less is another change time, which some file systems give for the time of birth.
    await unlink(own);
    const identity = await identityOf(join(place, name));
    // Two that replaced the same dead lock at once: the one that is gone again by now has lost.
    await sleep(50);
    const isHeld = async (): Promise<boolean> => (await identityOf(join(place, name))) === identity;
    if (!(await isHeld())) throw lockedError({ owner: await askOwner(join(place, name)), lockFile });
    const release = async (): Promise<void> => {
      if (await isHeld()) await unlink(join(place, name));
      await close(server);
      await folder.close();
    };
    return { isHeld, release };
  } catch (error) {
    await close(server);
    await folder.close();
    throw error;
  } finally {
    await unlink(own).catch(() => {});
  }
};

/** Who works on the output root now, without taking its lock; undefined when nobody does. `pid`: when it says so. */
export const findOwner = async ({ lockFile }: { lockFile: string }): Promise<{ pid?: string } | undefined> => {
  const folder = await open(dirname(lockFile), 'r');
  try {
    const { isAlive, pid } = await askOwner(join(placeOf({ folder, lockFile }), basename(lockFile)));
    if (!isAlive) return undefined;
    return pid === undefined ? {} : { pid };
  } finally {
    await folder.close();
  }
};

/** A socket's path may have about 100 bytes; through the folder's descriptor it is short. */
const placeOf = ({ folder, lockFile }: { folder: FileHandle; lockFile: string }): string =>
  Buffer.byteLength(lockFile) > 70 ? `/proc/self/fd/${folder.fd}` : dirname(lockFile);

const takeOver = async ({
  own,
  socket,
  lockFile,
}: {
  own: string;
  socket: string;
  lockFile: string;
}): Promise<void> => {
  for (let tries = 0; tries < 5; tries += 1) {
    try {
      await link(own, socket);
      return;
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw unusable({ lockFile, error });
    }
    const dead = await identityOf(socket);
    const owner = await askOwner(socket);
    if (owner.isAlive) throw lockedError({ owner, lockFile });
    if (dead !== undefined && (await identityOf(socket)) === dead) await unlink(socket).catch(() => {});
  }
  throw lockedError({ owner: { isAlive: true }, lockFile });
};

const listen = (path: string): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.end(`${process.pid}\n`);
    });
    server.unref();
    server.once('error', reject);
    server.listen(path, () => resolve(server));
  });

const close = (server: Server): Promise<void> => new Promise((resolve) => server.close(() => resolve()));

type Owner = { isAlive: boolean; pid?: string; refused?: unknown };

/** An owner that is stopped (SIGSTOP) does not say who it is, and still holds the lock. */
const askOwner = (socket: string): Promise<Owner> =>
  new Promise((resolve) => {
    let said = '';
    const asking = connect(socket);
    asking.setTimeout(1_000, () => asking.destroy());
    asking.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    asking.on('error', (refused) => {
      const isDead = hasCode(refused, 'ECONNREFUSED', 'ENOENT', 'ENOTSOCK');
      resolve(isDead ? { isAlive: false } : { isAlive: true, refused });
    });
    asking.on('close', () => resolve({ isAlive: true, ...(said.trim() === '' ? {} : { pid: said.trim() }) }));
  });

const lockedError = ({ owner: { pid, refused }, lockFile }: { owner: Owner; lockFile: string }): NvlError =>
  new NvlError('rootLocked', {
    message: 'another nvl works on this output root',
    facts: { lock: lockFile, process: pid, reason: refused instanceof Error ? refused.message : undefined },
    advice: 'stop that one, or give this one an output root of its own',
  });

const identityOf = async (path: string): Promise<string | undefined> => {
  try {
    const { dev, ino, birthtimeNs } = await lstat(path, { bigint: true });
    return [dev, ino, birthtimeNs].join(' ');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
};

const unusable = ({ lockFile, error }: { lockFile: string; error: unknown }): NvlError =>
  new NvlError('rootUnusable', {
    message: 'the output root cannot be locked',
    facts: { lock: lockFile, reason: error instanceof Error ? error.message : String(error) },
    advice: 'put the output root on a local file system that has sockets and hard links',
    cause: error,
  });
