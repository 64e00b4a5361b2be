import type { Allocation, Task } from '../nomad/allocation.ts';

/** Where a job's author may write meta. */
export type MetaLevel = 'task' | 'group' | 'job';

/** The meta of a task at each level, the nearest first: what is said there counts before what a level above says. */
export const metaLevels = ({
  allocation,
  task,
}: {
  allocation: Allocation;
  task: Task;
}): (readonly [level: MetaLevel, meta: Readonly<Record<string, string>>])[] => [
  ['task', task.meta],
  ['group', allocation.group.meta],
  ['job', allocation.job.meta],
];

/** The nearest of a task's three metas that has the key, as that one counts. */
export const metaLevelOf = (
  { task, group }: Readonly<Record<'task' | 'group', { meta: Readonly<Record<string, string>> }>>,
  key: string,
): MetaLevel => {
  if (Object.hasOwn(task.meta, key)) return 'task';
  return Object.hasOwn(group.meta, key) ? 'group' : 'job';
};
