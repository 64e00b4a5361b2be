import { indexOfName, nodeContext, type TaskContext, taskContext, withVolatile } from '../context/context.ts';
import type { NodeSnapshot } from '../nomad/node-source.ts';
import { namesHeading } from '../render/file.ts';
import type { Note } from '../render/refused.ts';
import type { OptedOut, Standing } from './collect.ts';

/** Opt-outs that are no clear ones. */
export const optOutNotes = (tasks: readonly OptedOut[]): Note[] =>
  tasks.flatMap(({ id, allocation: { namespace, job, groupName, name }, task, fault }) => {
    if (fault === undefined) return [];
    const names = { namespace, job: job.id, group: groupName, index: indexOfName(name), task: task.name };
    return [{ key: id, heading: namesHeading(names), errors: [fault] }];
  });

/** Sinks may use what changes while a task runs: they are rendered once per node, and restart no source. */
export const withStatusOf = ({ snapshot, standings }: { snapshot: NodeSnapshot; standings: readonly Standing[] }) => {
  const listed = new Map(standings.map((standing) => [standing.id, standing.listed]));
  return (context: TaskContext): object => {
    const found = listed.get(context.id);
    return found === undefined ? context : withVolatile({ context, ...found, node: snapshot.node });
  };
};

export const contextsOf = ({
  snapshot,
  standings,
  linksDir,
}: {
  snapshot: NodeSnapshot;
  standings: readonly Standing[];
  linksDir: string;
}): TaskContext[] => {
  const node = nodeContext(snapshot.node);
  return standings.flatMap(({ listed }) =>
    listed === undefined
      ? []
      : [
          taskContext({
            allocation: listed.allocation,
            task: listed.task,
            node,
            linksDir,
            chosen: { profile: listed.profile, params: listed.params, sink: listed.sink },
          }),
        ],
  );
};
