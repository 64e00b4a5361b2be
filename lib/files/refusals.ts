import type { Log } from '../log.ts';

export type Refusals = ReturnType<typeof createRefusals>;

type Refused = { allocId: string; name: string };

/** What the gate did not take: each told once, however often it is looked at, comes and goes; and what of it is there now. */
export const createRefusals = (log: Log) => {
  const told = new Map<string, Set<string>>();
  /** Why, by allocation and name; of no name that was not told, which bounds it. */
  const there = new Map<string, Map<string, string>>();
  return {
    tell: ({ allocId, name, why }: Refused & { why: string }): void => {
      const names = told.get(allocId) ?? new Set();
      if (!names.has(name)) {
        if (names.size > MOST_TOLD) return;
        told.set(allocId, names.add(name));
        if (names.size > MOST_TOLD) log.warn({ allocation: allocId }, AND_MORE);
        else log.warn({ allocation: allocId, name, why }, NOT_COLLECTED);
      }
      there.set(allocId, (there.get(allocId) ?? new Map()).set(name, why));
    },
    /** Those that are there now. */
    all: () => [...there].flatMap(([allocId, names]) => [...names].map(([name, why]) => ({ allocId, name, why }))),
    /** It was taken, or is gone. */
    end: ({ allocId, name }: Refused): void => {
      there.get(allocId)?.delete(name);
    },
    /** Its folder holds these names and no others. */
    keepOnly: ({ allocId, names }: { allocId: string; names: readonly string[] }): void => {
      const refused = there.get(allocId);
      if (refused === undefined || refused.size === 0) return;
      const known = new Set(names);
      for (const name of refused.keys()) if (!known.has(name)) refused.delete(name);
    },
    /** Its folder is gone. */
    forget: (allocId: string): void => {
      told.delete(allocId);
      there.delete(allocId);
    },
  };
};

/** A task may make names as fast as nvl can look at them. */
const MOST_TOLD = 20;

const AND_MORE = 'more is not collected from the log folder of this allocation, and not named';

export const NOT_COLLECTED =
  'something in the log folder of an allocation is no log that Nomad wrote, and is not collected: a task may write there, so see what it does';
