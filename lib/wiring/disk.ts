import { addGeneration, isGood, lastGood, linkGood, markGood } from '../apply/generations.ts';
import { keptTemplatesOn } from '../apply/kept-templates.ts';
import type { Lock } from '../apply/lock.ts';
import type { RootPaths } from '../apply/paths.ts';
import { repairRoot } from '../apply/root.ts';
import { stage } from '../apply/stage.ts';
import { readLive, swap } from '../apply/swap.ts';
import { tablesOn } from '../apply/tables-on.ts';
import type { CycleDeps } from '../cycle-deps.ts';
import { NvlError } from '../errors.ts';
import { isDiskTrouble } from '../file-trouble.ts';

export type Disk = CycleDeps['disk'] & {
  /** Before each cycle: puts back what was taken away. Throws where that can't be, or where another nvl has the root. */
  repair(): Promise<void>;
  /** Throws `rootLocked` where another nvl has the root now. */
  checkLock(): Promise<void>;
};

type DiskOptions = {
  paths: RootPaths;
  lock: Pick<Lock, 'isHeld'>;
  /** The number of the group whose members alone may read what Vector reads. */
  group?: number | undefined;
};

/** The output root as cycles use it, one after the other. */
export const diskOf = ({ paths, lock, group }: DiskOptions): Disk => {
  /** What Vector ran well last, whether or not the disk took it; `number`: where it did. */
  let good: { text: string; number: number | undefined } | undefined;
  const checkLock = async (): Promise<void> => {
    if (!(await lock.isHeld())) throw lostLock(paths);
  };
  const keepGood = async (): Promise<void> => {
    if (good === undefined) return;
    const last = await lastGood({ paths });
    if (last?.text === good.text) {
      good.number = last.number;
      return;
    }
    const number = await addGeneration({ paths, text: good.text });
    await markGood({ paths, number });
    good.number = number;
  };
  const tables = tablesOn({ paths, check: checkLock });
  // One after the other: a cycle, and what follows the end of a Vector, may want one at once.
  let lastRestore: Promise<unknown> = Promise.resolve();
  return {
    checkLock,
    repair: async () => {
      await repairRoot({ paths, group });
      await checkLock();
      if (good !== undefined && (good.number === undefined || !(await isGood({ paths, number: good.number }))))
        await keepGood();
    },
    readLive: async () => (await readLive(paths))?.toString('utf8'),
    ...tables.port,
    stage: async (text) => {
      await stage({ paths, text });
    },
    swap: async () => {
      await checkLock();
      await swap({ paths });
    },
    restore: (text) => {
      const next = lastRestore
        .then(checkLock)
        .then(() => tables.putBack(text))
        .then(() => putBack({ paths, text }));
      lastRestore = next.catch(() => {});
      return next;
    },
    keepGeneration: async (text) => {
      good = { text, number: undefined };
      // Vector runs it, whether or not it can be kept now: the next cycle tries again, and says so.
      await keepGood().catch((error: unknown) => {
        if (!isDiskTrouble(error)) throw error;
      });
    },
    ...keptTemplatesOn({ paths, check: checkLock }),
    lastGeneration: async (fits) =>
      good !== undefined && fits(good.text) ? good.text : await lastFitting({ paths, fits }),
  };
};

const lastFitting = async ({
  paths,
  fits,
}: {
  paths: RootPaths;
  fits: (text: string) => boolean;
}): Promise<string | undefined> => {
  let last = await lastGood({ paths });
  while (last !== undefined && !fits(last.text)) last = await lastGood({ paths, before: last.number });
  return last?.text;
};

/** Beside what is staged, which a cycle may be about to swap in. */
const putBack = async ({ paths, text }: { paths: RootPaths; text: string }): Promise<void> => {
  const beside = { ...paths, stagedFile: `${paths.stagedFile}.restored` };
  try {
    await stage({ paths: beside, text });
  } catch (error) {
    // A full disk still takes another name for what it has.
    if (!isDiskTrouble(error) || !(await linkGood({ paths, text, to: beside.stagedFile }))) throw error;
  }
  await swap({ paths: beside });
};

const lostLock = ({ lockFile }: RootPaths): NvlError =>
  new NvlError('rootLocked', {
    message: 'the lock of the output root is no longer held by this nvl',
    facts: { lock: lockFile },
    advice: 'somebody removed it, or another nvl took its place: restart the one that is meant',
  });
