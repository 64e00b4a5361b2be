import { setImmediate } from 'node:timers/promises';
import type { CaseRun, PipelineRun, RunCase } from './run-pipeline.ts';

/**
 * Runs the cases of each profile for themselves: while the programs of one are compiled in other threads, the next is rendered. No two
 * profiles share anything that a run makes, so it is as if all ran at once.
 */
export const runByProfiles = async ({
  cases,
  run,
}: {
  cases: readonly RunCase[];
  /** `at`: which of the profiles it is. */
  run: (cases: readonly RunCase[], at: number) => Promise<PipelineRun>;
}): Promise<PipelineRun> => {
  const profiles = [...Map.groupBy(cases.keys(), (index) => cases[index]?.profile).values()];
  if (profiles.length <= 1) return run(cases, 0);
  let turn: Promise<unknown> = Promise.resolve();
  const done = await Promise.all(
    profiles.map(async (indexes, at) => {
      const own = turn;
      // In between, what waits for a thread's answer goes on.
      turn = own.then(() => setImmediate());
      await own;
      return run(
        indexes.flatMap((index) => cases[index] ?? []),
        at,
      );
    }),
  );
  const runs = new Map<number, CaseRun>();
  for (const [at, indexes] of profiles.entries())
    for (const [place, index] of indexes.entries()) {
      const own = done[at]?.runs[place];
      if (own !== undefined) runs.set(index, own);
    }
  return {
    runs: cases.flatMap((_, index) => runs.get(index) ?? []),
    readTimes: {
      fromMs: Math.min(...done.map(({ readTimes }) => readTimes.fromMs)),
      toMs: Math.max(...done.map(({ readTimes }) => readTimes.toMs)),
    },
  };
};
