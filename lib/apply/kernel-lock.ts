import { spawn } from 'node:child_process';
import type { FileHandle } from 'node:fs/promises';
import { createServer } from 'node:net';

/** `taken`: somebody else has it. `impossible`: it can't be had here at all. */
export type KernelLock = { release(): Promise<void> } | 'taken' | 'impossible';

/**
 * A lock on a folder that the kernel keeps and lets go with this process, however that ends: there is no file of it that
 * anybody could take away, and it needs no room on a disk. It is the folder's own (flock(2)), which counts in all
 * containers that share it; where there is no flock(1), a name in the abstract namespace, which counts in one network
 * namespace.
 */
export const lockFolder = async ({
  folder,
  program = 'flock',
}: {
  folder: FileHandle;
  program?: string;
}): Promise<KernelLock> => {
  const got = await flock({ folder, program });
  return got === 'impossible' ? await bindName(folder) : got;
};

/** Node has no flock(2). A lock belongs to an open file, so flock(1) can take it on ours, and it stays when that has ended. */
const flock = ({ folder, program }: { folder: FileHandle; program: string }): Promise<KernelLock> =>
  new Promise((resolve) => {
    const child = spawn(program, ['-n', '3'], { stdio: ['ignore', 'ignore', 'ignore', folder.fd], timeout: 10_000 });
    child.once('error', () => resolve('impossible'));
    child.once('exit', (code) => {
      if (code === 0) resolve({ release: async () => {} });
      else resolve(code === 1 ? 'taken' : 'impossible');
    });
  });

const bindName = async (folder: FileHandle): Promise<KernelLock> => {
  const { dev, ino } = await folder.stat({ bigint: true });
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.unref();
    server.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'EADDRINUSE' ? 'taken' : 'impossible'),
    );
    server.listen(`\0nvl-root-${dev}-${ino}`, () =>
      resolve({ release: () => new Promise((done) => server.close(() => done())) }),
    );
  });
};
