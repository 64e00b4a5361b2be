import { expandInput } from '../vector/config/expand-input.ts';
import type { FoundComponent } from './found.ts';
import type { MigrationNote } from './note.ts';
import { type TasksRead, tasksReadBy } from './tasks-read.ts';

/** A component of the node's, with what it reads from now on. */
export type PlacedComponent = {
  found: FoundComponent;
  /** Ids as they were, beside the lines of tasks. */
  others: readonly string[];
  /** Whether it reads the lines of tasks, and of which. */
  tasks: TasksRead | undefined;
};

export type Placed = {
  /** They read the lines of tasks and each other, and become nvl's sink template. */
  sink: PlacedComponent[];
  /** All else of the node's, which stays in Vector files of the team's own. */
  own: PlacedComponent[];
  notes: MigrationNote[];
};

/**
 * Which components belong into nvl's sink template: whole groups that are fed by tasks alone, since what stands there reads nothing
 * else. `taskOutputs`: the names under which the lines of every task came until now. Pure.
 */
export const placeComponents = ({
  found,
  taskOutputs,
}: {
  found: readonly FoundComponent[];
  taskOutputs: readonly string[];
}): Placed => {
  const ofNode = found.filter(({ ofTask }) => !ofTask);
  const perTask = found.filter(({ ofTask }) => ofTask);
  const ids = new Set(ofNode.map(({ component }) => component.id));
  const outputs = [...taskOutputs, ...new Set(perTask.map(({ shape }) => shape)), ...ids];
  const placed = ofNode.map((one) => {
    const inputs = one.inputs.flatMap((input) => expandInput({ input, id: one.component.id, outputs }));
    const isOfTasks = (input: string): boolean =>
      taskOutputs.includes(input) || perTask.some(({ shape }) => reads(input, shape));
    const tasks = inputs.filter(isOfTasks);
    return {
      found: one,
      others: inputs.filter((input) => !isOfTasks(input)),
      tasks: tasks.length === 0 ? undefined : tasksReadBy({ tasks, taskOutputs, perTask }),
    };
  });
  const groups = groupsOf(placed);
  const isSink = (group: readonly PlacedComponent[]): boolean =>
    group.every(
      ({ found: { component }, others, tasks }) =>
        (component.section === 'transforms' || component.section === 'sinks') &&
        (tasks !== undefined || others.length > 0) &&
        others.every((input) => ids.has(idOf(input))),
    );
  const ofSink = new Set(groups.filter(isSink).flat());
  return {
    sink: placed.filter((one) => ofSink.has(one)),
    own: placed.filter((one) => !ofSink.has(one)),
    notes: placed.flatMap((one) => [
      ...one.others
        .filter((input) => !ids.has(idOf(input)))
        .map((input) => unknown({ component: one.found.component, input })),
      ...otherLines({ placed: one, taskOutputs, perTask }),
    ]),
  };
};

/** An output with a name of its own, as a route has them, is behind a dot. */
const idOf = (input: string): string => input.split('.')[0] ?? '';

const reads = (input: string, shape: string): boolean => input === shape || input.startsWith(`${shape}.`);

const unknown = ({
  component: { file, lineOf, id },
  input,
}: {
  component: FoundComponent['component'];
  input: string;
}): MigrationNote => ({
  kind: 'todo',
  file,
  line: lineOf(['inputs']),
  text: `${id} reads ${input}, which is in none of the files that were given; name the Vector file that has it with --vector`,
});

/** Every line goes one way in nvl, through all transforms of its profile. */
const otherLines = ({
  placed: { found, tasks },
  taskOutputs,
  perTask,
}: {
  placed: PlacedComponent;
  taskOutputs: readonly string[];
  perTask: readonly FoundComponent[];
}): MigrationNote[] => {
  const transforms = perTask.filter(({ component }) => component.section === 'transforms');
  if (tasks === undefined || transforms.length === 0) return [];
  const { file, id, lineOf } = found.component;
  const readsBefore = transforms.some(
    ({ shape, inputs }) =>
      isReadBy(found, shape) &&
      transforms.some((other) => other.inputs.some((input) => reads(input, shape)) && inputs !== other.inputs),
  );
  const readsBare = found.inputs.some((input) =>
    expandInput({ input, id, outputs: taskOutputs }).some((one) => taskOutputs.includes(one)),
  );
  return readsBefore || readsBare
    ? [
        {
          kind: 'todo',
          file,
          line: lineOf(['inputs']),
          text: `${id} got lines from before the last of the tasks' transforms. In nvl a line goes one way, through all of them: it gets what they make, and not what they drop`,
        },
      ]
    : [];
};

const isReadBy = ({ inputs, component: { id } }: FoundComponent, shape: string): boolean =>
  inputs.some((input) => expandInput({ input, id, outputs: [shape] }).some((one) => reads(one, shape)));

/** Components that read each other, directly or not, in the order in which they were found. */
const groupsOf = (placed: readonly PlacedComponent[]): PlacedComponent[][] => {
  const groupOf = new Map(placed.map(({ found: { component } }) => [component.id, component.id]));
  const top = (id: string): string => {
    let at = id;
    for (let next = groupOf.get(at); next !== undefined && next !== at; next = groupOf.get(at)) at = next;
    return at;
  };
  for (const { found: one, others } of placed)
    for (const input of others) if (groupOf.has(idOf(input))) groupOf.set(top(idOf(input)), top(one.component.id));
  return [...Map.groupBy(placed, ({ found: one }) => top(one.component.id)).values()];
};
