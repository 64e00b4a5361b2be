import { setTimeout as sleep } from 'node:timers/promises';
import { NvlError } from '../errors.ts';
import type { TaskPipeline } from '../preview/task-pipeline.ts';
import type { Where } from '../tail/where.ts';
import { componentsOfVector, type TapSample, tapOutputs } from '../vector/api/tap-outputs.ts';
import { createLineRunner } from './line-runner.ts';
import type { TappedLine } from './pairing.ts';
import { createTapSteps, type TapSteps } from './tap-steps.ts';
import type { TappedTask } from './tapped-task.ts';

/** Whose lines are looked at, and the stems of all tasks that are known. */
export type WatchedTasks = { tasks: readonly TappedTask[]; stems: ReadonlySet<string> };

/** What looking needs of the outside, and what is asked for. */
export type TapDeps = {
  /** Where Vector's API answers. */
  url: string;
  sample: TapSample;
  /** As it is now. */
  look: () => Promise<WatchedTasks>;
  /** The pipelines that Vector runs, in nvl's own engine, for why a line was dropped; undefined: nobody asks. */
  openLive: ((task: TappedTask) => Promise<TaskPipeline>) | undefined;
  /** Those of edited templates; undefined: there are none. */
  openEdited: ((task: TappedTask) => Promise<TaskPipeline | undefined>) | undefined;
  where: Where;
  /** Resolves when it takes more. */
  show: (line: TappedLine) => Promise<void>;
  /** A line that gave no event. */
  onDropped: (line: TappedLine) => void;
  /** So many lines are shown; undefined: all. */
  most: number | undefined;
  /** A line for people. */
  say: (line: string) => void;
  signal: AbortSignal;
  now?: () => number;
};

/** `missing`: lines of which a part was not in the sample, or events whose line was not. */
export type TapCounts = { shown: number; dropped: number; missing: number };

/**
 * Shows the lines of tasks as the running Vector has them, from now on, until the signal aborts or `most` are shown. A Vector that goes away is asked again.
 * Throws `vectorApiAway` and `vectorApiAnswer` of the first question, and what `openEdited` throws.
 */
export const tap = async (deps: TapDeps): Promise<TapCounts> => {
  const ending = new AbortController();
  const signal = AbortSignal.any([deps.signal, ending.signal]);
  const runner = runnersOf(deps);
  const steps = createTapSteps({ ...deps, end: () => ending.abort(), runner });
  await steps.look();
  await runner.edited?.prepare(steps.tasks());
  await checkPipelines({ deps, steps, signal });
  const timer = setInterval(() => void steps.turn().catch(() => ending.abort()), STEP_MS);
  try {
    for (let isAway = false; !signal.aborted; ) {
      const { error, hasRead } = await readOnce({ deps, steps, signal });
      if (signal.aborted) break;
      if (error !== undefined && (!isAway || hasRead)) deps.say(`${error.message}; nvl asks again`);
      isAway = error !== undefined;
      if (isAway) await sleep(AGAIN_MS, undefined, { signal }).catch(() => {});
    }
  } finally {
    clearInterval(timer);
  }
  return steps.finish();
};

const STEP_MS = 100;
const AGAIN_MS = 2_000;

const runnersOf = ({ openLive, openEdited }: TapDeps) => ({
  live: openLive && createLineRunner({ open: openLive }),
  edited: openEdited && createLineRunner({ open: openEdited }),
});

/** Whether it is the Vector that nvl keeps fed. */
const checkPipelines = async ({
  deps: { url, say },
  steps,
  signal,
}: {
  deps: TapDeps;
  steps: TapSteps;
  signal: AbortSignal;
}): Promise<void> => {
  const running = await componentsOfVector({ url, signal });
  if (signal.aborted) return;
  const lacking = steps.pipelines().filter((id) => !running.has(id));
  if (lacking.length > 0 && lacking.length === steps.pipelines().length)
    throw new NvlError('vectorApiAnswer', {
      message: `the Vector at ${url} runs none of the pipelines that nvl wrote for these tasks`,
      facts: { pipelines: lacking.join(', '), runs: `${running.size} components` },
      advice: 'it may be another Vector: name the address of the one that loads nvl’s file with --url',
    });
  if (lacking.length > 0) say(`Vector does not run ${lacking.join(', ')} yet; nvl waits for it`);
};

/** Reads until the connection ends, which is told, or other pipelines are to be watched. */
const readOnce = async ({
  deps: { url, sample },
  steps,
  signal,
}: {
  deps: TapDeps;
  steps: TapSteps;
  signal: AbortSignal;
}): Promise<{ error: NvlError | undefined; hasRead: boolean }> => {
  let hasRead = false;
  const changing = new AbortController();
  const pipelines = steps.pipelines();
  steps.onOthers(() => changing.abort());
  const outputs = tapOutputs({
    url,
    sample,
    components: pipelines.flatMap((id) => [id, `${id}_out`]),
    signal: AbortSignal.any([signal, changing.signal]),
  });
  try {
    // Nobody reads on while what came is not yet taken: Vector then leaves out more, and nothing fills nvl's memory.
    for await (const output of outputs) {
      hasRead = true;
      if (steps.take(output)) await steps.turn();
    }
    const isMeant = signal.aborted || changing.signal.aborted;
    const message = `Vector ended the connection to ${url}`;
    return { error: isMeant ? undefined : new NvlError('vectorApiAway', { message }), hasRead };
  } catch (error) {
    if (error instanceof NvlError && error.code === 'vectorApiAway') return { error, hasRead };
    throw error;
  }
};
