import { type BigIntStats, lstatSync, statSync } from 'node:fs';
import { fileKey } from './file-key.ts';
import { createRounds } from './rounds.ts';
import type { OwnLink, Shelf } from './shelf.ts';

export type Orphans = {
  /** Looks at what may have been deleted by now, and at a share of all else. */
  look(): void;
  all(): OwnLink[];
};

/** Calls that a look at all links is spread over: nothing is known to have changed, but inotify may have lost it. */
const ROUND_CALLS = 30;
const LEAST_A_CALL = 100;

/** The links whose file Nomad has deleted, so that nvl's is the only name it has. */
export const createOrphans = (shelf: Shelf): Orphans => {
  const rounds = createRounds(() => shelf.all());
  const found = new Set<OwnLink>();
  return {
    look: () => {
      for (const own of [...shelf.takeSuspects(), ...rounds.next(ROUND_CALLS, LEAST_A_CALL)])
        if (!found.has(own) && isOrphan(own)) found.add(own);
    },
    all: () => {
      for (const own of found) if (shelf.get(own.key) !== own) found.delete(own);
      return [...found];
    },
  };
};

export const lstatOf = (path: string): BigIntStats | undefined =>
  lstatSync(path, { bigint: true, throwIfNoEntry: false });

const isOrphan = ({ path, key, isHard }: OwnLink): boolean => {
  const found = isHard ? lstatOf(path) : statSync(path, { bigint: true, throwIfNoEntry: false });
  if (found === undefined) return true;
  return isHard ? found.nlink === 1n : fileKey(found) !== key;
};
