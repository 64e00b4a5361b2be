import { listOf, numberOf, objectOf, textOf } from '../json.ts';

/** An allocation as Nomad's lists have it (api/allocations.go, `AllocationListStub`): what of it changes, without its job. */
export type AllocationStub = {
  id: string;
  namespace: string;
  /** `job.group[index]`. */
  name: string;
  jobId: string;
  groupName: string;
  jobVersion: number;
  createIndex: number;
  /** Nothing of it runs, or will run again. */
  isOver: boolean;
  /** By name; Nomad knows none before its client has begun with the allocation. */
  tasks: ReadonlyMap<string, TaskStub>;
};

/** A task that is over may be started again, as long as its allocation is not. */
export type TaskStub = { hasStarted: boolean; isOver: boolean };

/** Reads the elements of a list; what has no id is left out. */
export const readStubs = (list: readonly unknown[]): AllocationStub[] => listOf(list).flatMap(readStub);

const readStub = (value: unknown): AllocationStub[] => {
  const raw = objectOf(value);
  const id = textOf(raw.ID);
  if (id === '') return [];
  const isOver = OVER.has(textOf(raw.ClientStatus));
  const tasks = Object.entries(objectOf(raw.TaskStates)).map(([name, state]) => [name, readTaskStub(state)] as const);
  return [
    {
      id,
      namespace: textOf(raw.Namespace) || 'default',
      name: textOf(raw.Name),
      jobId: textOf(raw.JobID),
      groupName: textOf(raw.TaskGroup),
      jobVersion: numberOf(raw.JobVersion),
      createIndex: numberOf(raw.CreateIndex),
      isOver,
      tasks: new Map(tasks.map(([name, task]) => [name, { ...task, isOver: isOver || task.isOver }])),
    },
  ];
};

/** @source https://developer.hashicorp.com/nomad/docs/concepts/architecture `client status` */
const OVER: ReadonlySet<string> = new Set(['complete', 'failed', 'lost']);

const readTaskStub = (value: unknown): TaskStub => {
  const { State, StartedAt } = objectOf(value);
  const startedAt = textOf(StartedAt);
  // Go's zero time.
  return { hasStarted: startedAt !== '' && !startedAt.startsWith('0001-'), isOver: State === 'dead' };
};
