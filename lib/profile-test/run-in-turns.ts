import { type PipelineRun, type RunCase, runPipeline } from './run-pipeline.ts';

/**
 * The same as `runPipeline`, for any number of cases: one Vector after the other, since each case has a pipeline of its
 * own, which Vector compiles before it reads a line and holds. The sinks are judged once, for a task of each profile.
 */
export const runInTurns = async ({
  cases,
  provesSinks = false,
  ...rest
}: Parameters<typeof runPipeline>[0]): Promise<PipelineRun> => {
  if (cases.length <= MOST_CASES) return runPipeline({ cases, provesSinks, ...rest });
  const turns: PipelineRun[] = [];
  for (let from = 0; from < cases.length; from += MOST_CASES)
    turns.push(await runPipeline({ cases: cases.slice(from, from + MOST_CASES), ...rest }));
  return {
    runs: turns.flatMap(({ runs }) => runs),
    readTimes: {
      fromMs: Math.min(...turns.map(({ readTimes }) => readTimes.fromMs)),
      toMs: Math.max(...turns.map(({ readTimes }) => readTimes.toMs)),
    },
    proofs: provesSinks
      ? (await runPipeline({ cases: silentOnes(cases), provesSinks: true, ...rest })).proofs
      : undefined,
  };
};

/** A case takes Vector some 4 MB and a tenth of a second; each turn waits once for what is held together. */
const MOST_CASES = 400;

/** The first case of each profile, which writes nothing. */
export const silentOnes = (cases: readonly RunCase[]): RunCase[] =>
  [...new Map([...cases].reverse().map((one) => [one.profile, one])).values()].map((one) => ({
    ...one,
    bytes: Buffer.alloc(0),
  }));
