import type { Log } from '../log.ts';

export type Refusals = ReturnType<typeof createRefusals>;

/** What the gate did not take, each told once, however often it is looked at. */
export const createRefusals = (log: Log) => {
  const told = new Map<string, Map<string, string>>();
  return {
    tell: ({ allocId, name, why }: { allocId: string; name: string; why: string }): void => {
      const before = told.get(allocId) ?? new Map<string, string>();
      // Once, though it may be something else at each look.
      if (before.has(name) || before.size > MOST_TOLD) return;
      told.set(allocId, before.set(name, why));
      if (before.size > MOST_TOLD) {
        log.warn(
          { allocation: allocId },
          'more is not collected from the log folder of this allocation, and not named',
        );
      } else log.warn({ allocation: allocId, name, why }, NOT_COLLECTED);
    },
    /** Those that were told. */
    all: () => [...told].flatMap(([allocId, names]) => [...names].map(([name, why]) => ({ allocId, name, why }))),
    /** Its folder is gone. */
    forget: (allocId: string): void => {
      told.delete(allocId);
    },
  };
};

/** A task may make names as fast as nvl can look at them. */
const MOST_TOLD = 20;

export const NOT_COLLECTED =
  'something in the log folder of an allocation is no log that Nomad wrote, and is not collected: a task may write there, so see what it does';
