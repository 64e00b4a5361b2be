import { randomBytes } from 'node:crypto';
import { type FileHandle, link, lstat, rm, unlink } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode, messageOf, NvlError } from '../errors.ts';

/** The Unix socket `lock` in the root, which its owner answers on; the kernel closes it at its death, however that comes. */
export type LockFile = {
  /** Puts it back if it was taken away, as far as the disk lets. False when another nvl answers on it. */
  putBack(): Promise<boolean>;
  remove(): Promise<void>;
};

/**
 * Says on the socket `lock` who owns the root. A socket that nobody listens on is replaced. `isSure`: the kernel's lock is
 * had, so a disk that takes no file now is no reason to stop. Throws `rootLocked`, naming the owner's process.
 */
export const openLockFile = async ({
  folder,
  lockFile,
  isSure,
}: {
  folder: FileHandle;
  lockFile: string;
  isSure: boolean;
}): Promise<LockFile> => {
  const socket = socketOf({ folder, lockFile });
  let own: { server: Server; identity: string } | undefined;
  const isThere = async (): Promise<boolean> => own !== undefined && (await socketIdentity(socket)) === own.identity;
  const make = async (): Promise<void> => {
    if (own !== undefined) await close(own.server);
    own = undefined;
    own = await serve({ socket, lockFile, isSure });
  };
  const makeIfPossible = async (): Promise<void> => {
    try {
      await make();
    } catch (error) {
      if (!isSure || (error instanceof NvlError && error.code === 'rootLocked')) throw error;
    }
  };
  await makeIfPossible();
  return {
    putBack: async () => {
      try {
        if (!(await isThere())) await makeIfPossible();
        return isSure || (await isThere());
      } catch {
        return false;
      }
    },
    remove: async () => {
      if (await isThere()) await unlink(socket).catch(() => {});
      if (own !== undefined) await close(own.server);
    },
  };
};

export type Owner = { isAlive: boolean; pid?: string; refused?: unknown };

/** An owner that is stopped (SIGSTOP) does not say who it is, and still holds the lock. */
export const askOwner = ({ folder, lockFile }: { folder: FileHandle; lockFile: string }): Promise<Owner> =>
  ask(socketOf({ folder, lockFile }));

export const lockedError = ({ owner: { pid, refused }, lockFile }: { owner: Owner; lockFile: string }): NvlError =>
  new NvlError('rootLocked', {
    message: 'another nvl works on this output root',
    facts: { lock: lockFile, process: pid, reason: refused instanceof Error ? refused.message : undefined },
    advice: 'stop that one, or give this one an output root of its own',
  });

/** A socket's path may have about 100 bytes; through the folder's descriptor it is short. */
const socketOf = ({ folder, lockFile }: { folder: FileHandle; lockFile: string }): string =>
  Buffer.byteLength(lockFile) > 70 ? `/proc/self/fd/${folder.fd}/${basename(lockFile)}` : lockFile;

const serve = async ({
  socket,
  lockFile,
  isSure,
}: {
  socket: string;
  lockFile: string;
  isSure: boolean;
}): Promise<{ server: Server; identity: string }> => {
  // It listens under a name of its own first, so that nobody ever meets a lock that does not answer yet.
  const own = join(dirname(socket), `.${basename(socket)}-${process.pid}-${randomBytes(4).toString('hex')}`);
  const server = await listen(own).catch((error: unknown) => {
    throw lockUnusable({ lockFile, error });
  });
  try {
    await takeOver({ own, socket, lockFile, isSure });
    // Before it is looked at: a name less is another change time, which some file systems give for the time of birth.
    await unlink(own);
    const identity = (await socketIdentity(socket)) ?? '';
    // Two that replaced the same dead lock at once, without a lock of the kernel: the one that is gone again has lost.
    if (!isSure) await sleep(50);
    if ((await socketIdentity(socket)) !== identity) throw lockedError({ owner: await ask(socket), lockFile });
    return { server, identity };
  } catch (error) {
    await close(server);
    throw error;
  } finally {
    await unlink(own).catch(() => {});
  }
};

const takeOver = async ({
  own,
  socket,
  lockFile,
  isSure,
}: {
  own: string;
  socket: string;
  lockFile: string;
  isSure: boolean;
}): Promise<void> => {
  for (let tries = 0; tries < 5; tries += 1) {
    try {
      await link(own, socket);
      return;
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw lockUnusable({ lockFile, error });
    }
    const dead = await socketIdentity(socket);
    const owner = await ask(socket);
    if (owner.isAlive && (!isSure || owner.pid !== undefined)) throw lockedError({ owner, lockFile });
    if (owner.isAlive) {
      // The kernel's lock is had, so whoever had it before has just ended, and its socket is about to.
      await sleep(25);
      continue;
    }
    // A folder in its place holds nothing that could be a lock.
    if (dead !== undefined && (await socketIdentity(socket)) === dead)
      await rm(socket, { recursive: true }).catch(() => {});
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

const ask = (socket: string): Promise<Owner> =>
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

const socketIdentity = async (path: string): Promise<string | undefined> => {
  try {
    const { dev, ino, birthtimeNs } = await lstat(path, { bigint: true });
    return [dev, ino, birthtimeNs].join(' ');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
};

const lockUnusable = ({ lockFile, error }: { lockFile: string; error: unknown }): NvlError =>
  new NvlError('rootUnusable', {
    message: 'the output root cannot be locked',
    facts: { lock: lockFile, reason: messageOf(error) },
    advice: 'put the output root on a local file system that has sockets and hard links',
    cause: error,
  });
