import type { Branch } from './coverage.ts';

/** Branches by their keys. Of one that is met again, as in the text of another task, what was taken is added up. */
export type BranchTally = { add: (branch: Branch) => void; all: () => Branch[] };

export const createBranchTally = (): BranchTally => {
  const branches = new Map<string, Branch>();
  return {
    add: (branch) => {
      const known = branches.get(branch.key);
      branches.set(branch.key, known === undefined ? branch : added(known, branch));
    },
    all: () => [...branches.values()],
  };
};

const added = (known: Branch, branch: Branch): Branch => ({
  ...known,
  taken: known.taken + branch.taken,
  lines: [...new Set([...known.lines, ...branch.lines])],
});
