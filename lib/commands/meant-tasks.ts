import type { CollectedTask } from '../collect/collect.ts';
import type { Looked } from '../cycle-deps.ts';
import { NvlError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import type { Allocation, Task } from '../nomad/allocation.ts';

/** A collected task that Nomad's list has. */
export type MeantTask = CollectedTask & { listed: NonNullable<CollectedTask['listed']> };

/** The tasks that a person means by a job (its id, its parent's, or an allocation's) and the name of a task. */
export const meantTasks = ({
  looked,
  job,
  task,
}: {
  looked: Looked;
  job: string;
  task: string | undefined;
}): MeantTask[] =>
  looked.collectedTasks.filter((collectedTask): collectedTask is MeantTask => {
    const { listed } = collectedTask;
    return listed !== undefined && isMeant({ ...listed, job, name: task });
  });

export const isMeant = ({
  allocation,
  task,
  job,
  name,
}: {
  allocation: Allocation;
  task: Task;
  job: string;
  name: string | undefined;
}): boolean => {
  const isJob = [allocation.job.id, allocation.job.parentId, allocation.id].some((one) => one !== '' && one === job);
  const isShort = job.length >= 8 && allocation.id.startsWith(job);
  return (isJob || isShort) && (name === undefined || task.name === name);
};

/** What to say where there are none. */
export const nothingFound = ({
  looked,
  job,
  task,
}: {
  looked: Looked;
  job: string;
  task: string | undefined;
}): NvlError => {
  const jobs = [...new Set(looked.collectedTasks.flatMap(({ listed }) => listed?.allocation.job.id ?? []))].sort();
  const meant = nearest(job, jobs);
  return new NvlError('usage', {
    message: `no collected task of this node belongs to ${job}${task === undefined ? '' : `, task ${task}`}`,
    facts: { jobs: jobs.join(', ') || undefined },
    advice: meant === undefined ? 'nvl context lists what is collected' : `did you mean ${meant}?`,
  });
};
