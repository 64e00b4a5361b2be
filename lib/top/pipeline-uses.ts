import type { ComponentUse } from './counters.ts';
import type { TopTask } from './report.ts';

/** What a pipeline did, of all its components, and the tasks that are in it. */
export type PipelineUse = {
  id: string;
  lines: number;
  /** Undefined where its lines are of containers. */
  bytes: number | undefined;
  dropped: { meant: number; failed: number };
  errors: number;
  cpuNs: number | undefined;
  /** What each task gave, where Vector counts that. */
  counted: ComponentUse['tasks'];
  tasks: readonly TopTask[];
};

/** The pipelines that Vector runs, by the ids of its components; what is no part of one is left out. Pure. */
export const pipelineUses = ({
  uses,
  tasks,
}: {
  uses: ReadonlyMap<string, ComponentUse>;
  tasks: readonly TopTask[];
}): PipelineUse[] => {
  const byPipeline = Map.groupBy(tasks, ({ pipeline }) => pipeline);
  const withoutTasks = [...uses.values()].flatMap(({ id, kind }) =>
    kind === 'source' && PIPELINE.test(id) ? [id] : [],
  );
  const ids = new Set([...[...byPipeline.keys()].filter((id) => id !== null), ...withoutTasks]);
  const parts = Map.groupBy(uses.values(), ({ id }) => pipelineOf({ component: id, ids }));
  return [...parts].flatMap(([id, components]) =>
    id === undefined ? [] : [pipelineUse({ id, components, tasks: byPipeline.get(id) ?? [] })],
  );
};

/** `nvl_<profile>_<8 digits>`. */
const PIPELINE = /^nvl_.+_[0-9a-f]{8}$/;

/** A component's id begins with that of its pipeline; the longest fits where one is the beginning of another. */
const pipelineOf = ({ component, ids }: { component: string; ids: ReadonlySet<string> }): string | undefined => {
  if (ids.has(component)) return component;
  for (let end = component.lastIndexOf('_'); end > 0; end = component.lastIndexOf('_', end - 1)) {
    const id = component.slice(0, end);
    if (ids.has(id)) return id;
  }
  return undefined;
};

const pipelineUse = ({
  id,
  components,
  tasks,
}: {
  id: string;
  components: readonly ComponentUse[];
  tasks: readonly TopTask[];
}): PipelineUse => {
  const first = components.find((component) => component.id === id);
  const timed = components.flatMap(({ cpuNs }) => cpuNs ?? []);
  return {
    id,
    lines: first?.sent ?? 0,
    bytes: first?.kind === 'source' ? first.bytes : undefined,
    dropped: {
      // What stands in the place of a source of containers lets go all lines that are not its own.
      meant: sumBy(components, (one) => (one === first && one.kind !== 'source' ? 0 : one.dropped.meant)),
      failed: sumBy(components, ({ dropped }) => dropped.failed),
    },
    errors: sumBy(components, ({ errors }) => errors),
    cpuNs: timed.length === 0 ? undefined : sumBy(timed, (ns) => ns),
    counted: first?.tasks,
    tasks,
  };
};

const sumBy = <T>(list: readonly T[], numberOf: (one: T) => number): number =>
  list.reduce((sum, one) => sum + numberOf(one), 0);
