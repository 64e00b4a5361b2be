import { indexOfName, nodeContext, type TaskContext, withVolatile } from '../context/context.ts';
import type { NodeSnapshot } from '../nomad/node-source.ts';
import { namesHeading } from '../render/file.ts';
import type { Note } from '../render/refused.ts';
import type { CollectedTask } from './collect.ts';
import { ContextMemo } from './context-memo.ts';
import type { OptedOut } from './node-tasks.ts';

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
  linksDir,
  memo = new ContextMemo(),
}: {
  snapshot: NodeSnapshot;
  collectedTasks: readonly CollectedTask[];
  linksDir: string;
  /** What earlier calls have made. */
  memo?: ContextMemo;
}): TaskContext[] => {
  const node = memo.node(nodeContext(snapshot.node));
  return collectedTasks.flatMap(({ listed }) => (listed === undefined ? [] : [memo.task({ listed, node, linksDir })]));
};
