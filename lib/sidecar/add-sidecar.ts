import { NvlError } from '../errors.ts';
import { exactJson } from '../exact-json.ts';
import { listOf, objectOf, textOf } from '../json.ts';
import { isSidecar, type NomadTask } from './sidecar-task.ts';

/** A job as Nomad's API has it, its whole numbers as bigints (`parseExact`). */
export type NomadJob = Readonly<Record<string, unknown>>;

export type GroupChange = { group: string; kind: 'added' | 'updated' | 'unchanged' };

/**
 * The job with this task in each of its groups, and nothing else changed. One that nvl added before is put in its place. Throws
 * `jobspecInvalid` for a job without groups, and for groups that have a task of this name of their own. Pure.
 */
export const addSidecar = ({
  job,
  task,
}: {
  job: NomadJob;
  task: NomadTask;
}): { job: NomadJob; changes: GroupChange[] } => {
  const groups = listOf(job.TaskGroups).map(objectOf);
  if (groups.length === 0)
    throw new NvlError('jobspecInvalid', {
      message: 'the job has no group that a sidecar could be added to',
      facts: { job: textOf(job.ID) || undefined },
      advice: 'give a whole job: HCL, or the JSON of nomad job run -output',
    });
  const taken = groups.filter((group) => tasksOf(group).some((other) => other.Name === task.Name && !isSidecar(other)));
  if (taken.length > 0) throw nameTaken({ task, groups: taken });
  const added = groups.map((group) => withTask({ group, task }));
  return {
    job: { ...job, TaskGroups: added.map(({ group }) => group) },
    changes: added.map(({ group, kind }) => ({ group: textOf(group.Name), kind })),
  };
};

const tasksOf = (group: NomadJob): NomadTask[] => listOf(group.Tasks).map(objectOf);

const withTask = ({
  group,
  task,
}: {
  group: NomadJob;
  task: NomadTask;
}): { group: NomadJob; kind: GroupChange['kind'] } => {
  const tasks = tasksOf(group);
  // Whatever it was called then: two of them would refuse each other's log files.
  const before = tasks.find(isSidecar);
  if (before === undefined) return { group: { ...group, Tasks: [...tasks, task] }, kind: 'added' };
  if (tasks.filter(isSidecar).length === 1 && exactJson(before) === exactJson(task))
    return { group, kind: 'unchanged' };
  const others = tasks.filter((other) => other === before || !isSidecar(other));
  return { group: { ...group, Tasks: others.map((other) => (other === before ? task : other)) }, kind: 'updated' };
};

const nameTaken = ({ task, groups }: { task: NomadTask; groups: readonly NomadJob[] }): NvlError =>
  new NvlError('jobspecInvalid', {
    message: `a task ${JSON.stringify(task.Name)} is there already, and nvl did not add it`,
    facts: { groups: groups.map(({ Name }) => textOf(Name)).join(', ') },
    advice: 'give the sidecar another name with --name',
  });
