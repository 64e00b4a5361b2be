import { isUnknown, type SampleRun } from './sample.ts';
import type { TaskVolume } from './task-volumes.ts';

/** A task that a change touches. */
export type TaskCost = {
  namespace: string;
  /** A run of a periodic or a parameterized job counts to that. */
  job: string;
  volume: TaskVolume | undefined;
  /** Undefined on a side where it is not collected. */
  before: SampleRun | undefined;
  after: SampleRun | undefined;
  /** The lines that were run, in words. */
  by: string;
};

/** `isWhole`: false where it is at least so much. Undefined: not known. */
export type Amount = { value: number; isWhole: boolean } | undefined;

/** Before and after a change. */
export type Sides<T> = { before: T; after: T };

/** What a change does to a job. Amounts are bytes a day, shares from 0 to 1. */
export type JobCost = {
  namespace: string;
  job: string;
  tasks: number;
  /** What its tasks write, and of which time that is the average. */
  written: Amount;
  overMs: number;
  shipped: Sides<Amount>;
  dropped: Sides<Amount>;
  /** Why lines are dropped afterwards, the most frequent first. */
  reasons: readonly string[];
  by: readonly string[];
  /** Why something is not known. */
  unknown: readonly string[];
};

/** Adds up the tasks of each job. Pure. */
export const jobCosts = (tasks: readonly TaskCost[]): JobCost[] =>
  [...Map.groupBy(tasks, ({ namespace, job }) => JSON.stringify([namespace, job])).values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    const { namespace, job } = first;
    return [
      {
        namespace,
        job,
        tasks: own.length,
        written: sumOf(own.map(({ volume }) => volume && amount(volume, 1))),
        overMs: Math.max(0, ...own.flatMap(({ volume }) => volume?.overMs ?? [])),
        shipped: bothSides((side) => sumOf(own.map((task) => shippedOf(task, side)))),
        dropped: bothSides((side) => droppedOf(own, side)),
        reasons: reasonsOf(own),
        by: [...new Set(own.map(({ by }) => by))].sort(),
        unknown: unknownOf(own),
      },
    ];
  });

export const SIDES = ['before', 'after'] as const;
type Side = (typeof SIDES)[number];

const bothSides = <T>(of: (side: Side) => T): Sides<T> => ({ before: of('before'), after: of('after') });

const amount = ({ bytesPerDay, isWhole }: TaskVolume, ratio: number): Amount => ({
  value: bytesPerDay * ratio,
  isWhole,
});

const NOTHING: Amount = { value: 0, isWhole: true };

const shippedOf = (task: TaskCost, side: Side): Amount => {
  const run = task[side];
  if (run === undefined) return NOTHING;
  if (isUnknown(run) || task.volume === undefined || run.bytes === 0) return undefined;
  return amount(task.volume, run.eventBytes / run.bytes);
};

/** Of which some are not known it is at least the others; of which none is known, nothing. */
const sumOf = (amounts: readonly Amount[]): Amount => {
  const known = amounts.filter((one) => one !== undefined);
  if (known.length === 0) return undefined;
  return {
    value: known.reduce((sum, one) => sum + one.value, 0),
    isWhole: known.length === amounts.length && known.every((one) => one.isWhole),
  };
};

/** Tasks count by what they write, or where that is not known of all, alike. A share has no least: it is known of all or of none. */
const droppedOf = (tasks: readonly TaskCost[], side: Side): Amount => {
  const runs = tasks.flatMap((task) => {
    const run = task[side];
    return run === undefined ? [] : [{ run, weight: task.volume?.bytesPerDay }];
  });
  const isWeighed = runs.every(({ weight }) => weight !== undefined) && runs.some(({ weight }) => (weight ?? 0) > 0);
  let [sum, whole] = [0, 0];
  for (const { run, weight } of runs) {
    if (isUnknown(run) || run.lines === 0) return undefined;
    const count = isWeighed ? (weight ?? 0) : 1;
    sum += (1 - run.passed / run.lines) * count;
    whole += count;
  }
  return whole === 0 ? NOTHING : { value: sum / whole, isWhole: true };
};

const reasonsOf = (tasks: readonly TaskCost[]): string[] => {
  const counts = new Map<string, number>();
  for (const run of new Set(tasks.map(({ after }) => after))) {
    if (run === undefined || isUnknown(run)) continue;
    for (const [why, count] of run.reasons) counts.set(why, (counts.get(why) ?? 0) + count);
  }
  return [...counts].sort(([, a], [, b]) => b - a).map(([why]) => why);
};

const unknownOf = (tasks: readonly TaskCost[]): string[] => {
  const unmeasured = tasks.filter(({ volume }) => volume === undefined).length;
  const partly = tasks.filter(({ volume }) => volume?.isWhole === false).length;
  const runs = tasks.flatMap(({ before, after }) => [before, after]);
  const reasons = runs.flatMap((run) => {
    if (run === undefined) return [];
    if (isUnknown(run)) return [run.unknown];
    return run.lines === 0 ? ['its sample has no lines'] : [];
  });
  return [
    ...(unmeasured === 0
      ? []
      : [
          `the recording has no log sizes of ${unmeasured === tasks.length ? 'its tasks' : `${unmeasured} of its tasks`}`,
        ]),
    ...(partly === 0 ? [] : [`of ${partly} of its tasks one stream alone is measured`]),
    ...new Set(reasons),
  ];
};
