import { indexOfName, nodeContext, type TaskContext, taskContext, withVolatile } from '../context/context.ts';
import type { LogAccess } from '../files/log-access.ts';
import type { NodeSnapshot } from '../nomad/node-source.ts';
import { namesHeading } from '../render/file.ts';
import type { Note } from '../render/refused.ts';
import type { CollectedTask, OptedOut } from './collect.ts';

/** Opt-outs that are no clear ones. */
export const optOutNotes = (tasks: readonly OptedOut[]): Note[] =>
  tasks.flatMap(({ id, allocation: { namespace, job, groupName, name }, task, fault }) => {
    if (fault === undefined) return [];
    const names = { namespace, job: job.id, group: groupName, index: indexOfName(name), task: task.name };
    return [{ key: id, heading: namesHeading(names), errors: [fault] }];
  });

/** Elements of Nomad's list that are no allocations. */
export const listNotes = ({ faults = [] }: Pick<NodeSnapshot, 'faults'>): Note[] =>
  faults.map(({ key, heading, error }) => ({ key, heading, errors: [error] }));

/** Sinks may use what changes while a task runs: they are rendered once per node, and restart no source. */
export const withStatusOf = ({
  snapshot,
  collectedTasks,
}: {
  snapshot: NodeSnapshot;
  collectedTasks: readonly CollectedTask[];
}) => {
  const listed = new Map(collectedTasks.map((collectedTask) => [collectedTask.id, collectedTask.listed]));
  return (context: TaskContext): object => {
    const found = listed.get(context.id);
    return found === undefined ? context : withVolatile({ context, ...found, node: snapshot.node });
  };
};

export const contextsOf = ({
  snapshot,
  collectedTasks,
  logAccess,
}: {
  snapshot: NodeSnapshot;
  collectedTasks: readonly CollectedTask[];
  logAccess: Pick<LogAccess, 'dirOf'>;
}): TaskContext[] => {
  const node = nodeContext(snapshot.node);
  return collectedTasks.flatMap(({ id, listed }) =>
    listed === undefined
      ? []
      : [
          taskContext({
            allocation: listed.allocation,
            task: listed.task,
            node,
            logsDir: logAccess.dirOf({ id }),
            chosen: { profile: listed.profile, params: listed.params, sink: listed.sink },
          }),
        ],
  );
};
