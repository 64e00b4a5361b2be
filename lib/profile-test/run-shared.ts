import type { ReadTimes } from './compare.ts';
import { type PipelineRun, runPipeline } from './run-pipeline.ts';

/**
 * The same as `runPipeline`, in as few pipelines as a node would have: to compile their programs is what Vector is longest at.
 * Cases that this leaves a doubt about run once more, each in a pipeline of its own, so that all that is told of a case is its own.
 */
export const runShared = async ({
  cases,
  ...rest
}: Omit<Parameters<typeof runPipeline>[0], 'mayShare'>): Promise<PipelineRun> => {
  const { unsure, ...first } = await runPipeline({ cases, ...rest, mayShare: true });
  if (unsure.size === 0) return first;
  const again = [...unsure];
  const alone = await runPipeline({
    ...rest,
    cases: cases.filter((_, index) => unsure.has(index)),
    provesSinks: false,
  });
  return {
    ...first,
    readTimes: around([first.readTimes, alone.readTimes]),
    runs: first.runs.map((run, index) => alone.runs[again.indexOf(index)] ?? run),
  };
};

/** From the first to the last of these runs. One that read nothing has no times. */
export const around = (times: readonly ReadTimes[]): ReadTimes => {
  const real = times.filter(({ toMs }) => toMs > 0);
  if (real.length === 0) return { fromMs: 0, toMs: 0 };
  return {
    fromMs: Math.min(...real.map(({ fromMs }) => fromMs)),
    toMs: Math.max(...real.map(({ toMs }) => toMs)),
  };
};
