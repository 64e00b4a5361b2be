import type { CycleResult, Outcome } from '../cycle-deps.ts';
import { messageOf, type NvlError } from '../errors.ts';
import type { Log } from '../log.ts';
import { createReportedFaults } from '../reported-faults.ts';

/** What became of cycles: a fault is one line when it begins and one when all is well again, however many cycles have it. */
export const createOutcomeReporter = (log: Log) => {
  const reported = createReportedFaults();
  /** What can't be confirmed here never will be: it is said once, and is no trouble that would end. */
  const assumed = new Set<string>();

  const tellEnd = ({ isAllWell }: { isAllWell: boolean }): void => {
    if (reported.isAny() && isAllWell) log.info('all is well again');
    reported.clear();
  };

  const assume = (why: NvlError | undefined): void => {
    const said = saidIn(why);
    if (!assumed.has(said)) log.warn({ err: why }, messageOf(why));
    assumed.add(said);
    reported.clear();
  };

  return {
    /** A cycle that came to no end. */
    failure: (error: unknown): void => {
      if (reported.isNew(error)) log.error({ err: error }, messageOf(error));
    },
    result: ({ outcome, why, isAssumed, plan, refused }: CycleResult): void => {
      const { added, changed, removed } = plan.changes;
      const counts = { added: added.length, changed: changed.length, removed: removed.length };
      if (outcome === 'reloaded') log.info(counts, 'Vector has loaded the new config');
      if (isAssumed) assume(why);
      else if (outcome === 'unconfirmed' && assumed.has(saidIn(why))) return;
      else if (why !== undefined) {
        if (reported.isNew(why)) log.error({ err: why, outcome }, messageOf(why));
      } else if (IS_SETTLED.has(outcome)) tellEnd({ isAllWell: refused.length === 0 });
    },
  };
};

/** Vector runs what was planned. A cycle that was overtaken says nothing of how things are. */
const IS_SETTLED: ReadonlySet<Outcome> = new Set(['unchanged', 'reloaded']);

const saidIn = (why: NvlError | undefined): string => String(why?.facts.said);
