import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { waitUntil } from './wait.ts';

/** Whether this machine lets a test have a disk of its own: that takes root and the right to mount. */
export const canMount = (() => {
  try {
    execFileSync('unshare', ['-m', 'true'], { stdio: 'ignore' });
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
})();

/** A disk of a few hundred kilobytes at `folder`, that can be filled and made read-only; gone when the test ends. */
export const aSmallDisk = async ({ folder, sizeKb = 512 }: { folder: string; sizeKb?: number }) => {
  await mkdir(folder, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeKb}k,mode=755`, 'nvl-test', folder]);
  onTestFinished(() => void execFileSync('umount', ['-l', folder]));
  const filler = join(folder, 'filler');
  return {
    fill: async () => {
      const handle = await open(filler, 'w');
      try {
        for (let bytes = 65_536; bytes >= 1; ) {
          try {
            await handle.write(Buffer.alloc(bytes));
          } catch {
            bytes = Math.floor(bytes / 16);
          }
        }
      } finally {
        await handle.close();
      }
    },
    empty: () => rm(filler, { force: true }),
    /** Refused as busy for as long as anyone has a file of it open for writing. */
    makeReadOnly: () =>
      waitUntil('the disk to be read-only', () => {
        const { status } = spawnSync('mount', ['-o', 'remount,ro', folder], { stdio: 'ignore' });
        return status === 0;
      }),
    makeWritable: () => void execFileSync('mount', ['-o', 'remount,rw', folder]),
  };
};
