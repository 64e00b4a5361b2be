import type { Allocation, Task } from '../nomad/allocation.ts';

const ENDED = new Set(['complete', 'failed', 'lost']);

/** When a task finished, in ms; undefined while it may still write. Nomad's zero time counts as not told. */
export const finishedAtOf = ({
  allocation,
  task,
  now,
}: {
  allocation: Allocation;
  task: Task;
  now: number;
}): number | undefined => {
  if (task.state.state !== 'dead' && !ENDED.has(allocation.status.clientStatus)) return undefined;
  const finished = Date.parse(task.state.finishedAt);
  const changed = Date.parse(allocation.status.modifyTime);
  return Math.min(now, finished > 0 ? finished : changed > 0 ? changed : now);
};
