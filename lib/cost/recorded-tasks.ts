import { finishedAtOf } from '../collect/finished-at.ts';
import { stemOf } from '../context/id.ts';
import { STREAMS } from '../link-name.ts';
import type { Allocation, Task } from '../nomad/allocation.ts';
import type { NodeSnapshot } from '../nomad/node-source.ts';
import type { StreamTask } from './sink-streams.ts';
import { DAY_MS, LEAST_MS, type TaskVolume, taskVolumes } from './task-volumes.ts';

/** What recordings say of a task. */
export type RecordedTask = StreamTask & {
  namespace: string;
  /** The job that it is a run of. */
  job: string;
  volume: TaskVolume | undefined;
};

/** All tasks of recordings, by their stems. Pure. */
export const recordedTasks = (
  snapshots: readonly Pick<NodeSnapshot, 'allocations' | 'logs'>[],
): Map<string, RecordedTask> => new Map(snapshots.flatMap(tasksOf));

const tasksOf = ({ allocations, logs }: Pick<NodeSnapshot, 'allocations' | 'logs'>): [string, RecordedTask][] => {
  const volumes = taskVolumes({ allocations, logs });
  const atMs = logs === undefined ? undefined : Date.parse(logs.at);
  // Whether a task has ended is told by its states, whatever the time.
  const now = atMs ?? 0;
  const isNow = (allocation: Allocation, task: Task): boolean => finishedAtOf({ allocation, task, now }) === undefined;
  const ended = allocations.filter((one) => one.tasks.every((task) => !isNow(one, task)));
  const weight = weightOf({ ended, atMs });
  const written = Map.groupBy(logs?.written ?? [], ({ allocId, task }) => stemOf({ allocId, task }));
  return allocations.flatMap((allocation) =>
    allocation.tasks.map((task): [string, RecordedTask] => {
      const stem = stemOf({ allocId: allocation.id, task: task.name });
      const silent = new Set((written.get(stem) ?? []).filter(({ bytes }) => bytes === 0).map(({ stream }) => stream));
      return [
        stem,
        {
          namespace: allocation.namespace,
          job: allocation.job.parentId || allocation.job.id,
          volume: volumes.get(stem),
          isNow: isNow(allocation, task),
          weight,
          streams: STREAMS.filter((stream) => !silent.has(stream)),
        },
      ];
    }),
  );
};

/** How many times in a day as much ends as ended since the oldest of these began; undefined where that is not known. */
const weightOf = ({ ended, atMs }: { ended: readonly Allocation[]; atMs: number | undefined }): number | undefined => {
  const starts = ended.map(({ createTime }) => Date.parse(createTime)).filter((ms) => ms > 0);
  const overMs = atMs === undefined ? 0 : atMs - starts.reduce((least, ms) => Math.min(least, ms), atMs);
  return overMs < LEAST_MS ? undefined : DAY_MS / overMs;
};
