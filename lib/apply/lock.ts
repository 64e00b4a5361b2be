import { watch } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type KernelLock, lockFolder } from './kernel-lock.ts';
import { askOwner, type LockFile, lockedError, openLockFile } from './lock-file.ts';

export type Lock = {
  /**
   * Whether this nvl still is the only one on the root. What was taken away is put back: the lock file, and the lock itself
   * where another folder has the root's name now. False when another nvl has it.
   */
  isHeld(): Promise<boolean>;
  release(): Promise<void>;
};

/**
 * One nvl on one output root. What holds is a lock of the kernel on the folder, which no cleaner of files can take; the
 * file `lock` in it, a socket that the owner answers on, says who that is, and holds where the kernel can't. Throws
 * `rootLocked`, naming the owner's process where it says so. `flock` is the program that takes the kernel's lock.
 */
export const lockRoot = async ({ lockFile, flock }: { lockFile: string; flock?: string }): Promise<Lock> => {
  let held = await take({ lockFile, flock });
  const look = async (): Promise<boolean> => {
    if (!(await isSameFolder({ folder: held.folder, path: dirname(lockFile) }))) {
      const next = await take({ lockFile, flock }).catch(() => undefined);
      if (next === undefined) return false;
      await letGo(held);
      held = next;
    }
    return held.file.putBack();
  };
  // One look at a time: the watch and a cycle may want one at once.
  let last: Promise<unknown> = Promise.resolve();
  const isHeld = (): Promise<boolean> => {
    const next = last.then(look);
    last = next.catch(() => {});
    return next;
  };
  const stopWatch = watchFolder({ path: dirname(lockFile), onChange: () => void isHeld().catch(() => {}) });
  const release = async (): Promise<void> => {
    stopWatch();
    await last;
    await letGo(held);
  };
  return { isHeld, release };
};

/** Who works on the output root now, without taking its lock; undefined when nobody does. `pid`: when it says so. */
export const findOwner = async ({ lockFile }: { lockFile: string }): Promise<{ pid?: string } | undefined> => {
  const folder = await open(dirname(lockFile), 'r');
  try {
    const { isAlive, pid } = await askOwner({ folder, lockFile });
    if (!isAlive) return undefined;
    return pid === undefined ? {} : { pid };
  } finally {
    await folder.close();
  }
};

type Held = { folder: FileHandle; kernel: KernelLock; file: LockFile };

const take = async ({ lockFile, flock }: { lockFile: string; flock: string | undefined }): Promise<Held> => {
  const folder = await open(dirname(lockFile), 'r');
  let kernel: KernelLock | undefined;
  try {
    kernel = await takeKernel({ folder, lockFile, flock });
    const file = await openLockFile({ folder, lockFile, isSure: kernel !== 'impossible' });
    return { folder, kernel, file };
  } catch (error) {
    if (typeof kernel === 'object') await kernel.release();
    await folder.close();
    throw error;
  }
};

/**
 * A child that a killed nvl was just starting shares its lock until it runs its own program, so one that does not
 * say who it is is waited for a moment. Once the lock is had, every such child carries its own name, and can be found.
 */
const takeKernel = async ({
  folder,
  lockFile,
  flock,
}: {
  folder: FileHandle;
  lockFile: string;
  flock: string | undefined;
}): Promise<KernelLock> => {
  for (const until = Date.now() + HALF_STARTED_MS; ; await sleep(25)) {
    const kernel = await lockFolder({ folder, ...(flock === undefined ? {} : { program: flock }) });
    if (kernel !== 'taken') return kernel;
    const owner = await askOwner({ folder, lockFile });
    if (owner.pid !== undefined || Date.now() > until) throw lockedError({ owner, lockFile });
  }
};

const HALF_STARTED_MS = 2_000;

const letGo = async ({ folder, kernel, file }: Held): Promise<void> => {
  await file.remove();
  if (typeof kernel === 'object') await kernel.release();
  await folder.close();
};

const isSameFolder = async ({ folder, path }: { folder: FileHandle; path: string }): Promise<boolean> => {
  const now = await stat(path, { bigint: true }).catch(() => undefined);
  const held = await folder.stat({ bigint: true });
  return now !== undefined && now.dev === held.dev && now.ino === held.ino;
};

/** Where inotify is spent, the next cycle looks. */
const watchFolder = ({ path, onChange }: { path: string; onChange: () => void }): (() => void) => {
  try {
    const watcher = watch(path, { persistent: false }, (_, name) => {
      if (name === 'lock') onChange();
    });
    watcher.on('error', () => watcher.close());
    return () => watcher.close();
  } catch {
    return () => {};
  }
};
