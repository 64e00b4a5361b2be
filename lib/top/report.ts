import type { TaskStatus } from '../status/status.ts';
import type { ComponentUse } from './counters.ts';
import { type PipelineUse, pipelineUses } from './pipeline-uses.ts';
import { sharesOf } from './shares.ts';

/** By what rows are told apart. */
export type By = 'job' | 'task' | 'pipeline';

/** What is known of a task here. */
export type TopTask = Pick<TaskStatus, 'id' | 'namespace' | 'job' | 'task' | 'pipeline' | 'bytesPerSecond'>;

/**
 * What each job, task or pipeline cost Vector, as `nvl top --json` prints it. `schema` counts up when a field goes or changes its
 * meaning. Numbers are per second; what is not known is null.
 */
export type TopReport = {
  schema: typeof TOP_SCHEMA;
  /** Milliseconds since the epoch, and how long was looked. */
  at: number;
  seconds: number;
  by: By;
  node: string | null;
  /** The processor time of all of Vector, in percent of one core. */
  vectorCpuPercent: number | null;
  rows: readonly TopRow[];
  sinks: readonly SinkRow[];
  /** Of tasks that the daemon did not name, as they were too many. */
  tasksLeftOut: number;
};

export const TOP_SCHEMA = 1;

type Rates = {
  lines: number;
  /** As they stand in the log files. Null: of containers Vector counts none. */
  bytes: number | null;
  /** Events that the pipeline's transforms let go. `meant`: a filter or a program did so on purpose. */
  dropped: { meant: number; failed: number };
  errors: number;
  /** Processor time of the pipeline's transforms, in percent of one core; null where Vector does not time them. */
  cpuPercent: number | null;
};

export type TopRow = Rates & {
  /** Null where it is of several, or not known. */
  namespace: string | null;
  job: string | null;
  task: string | null;
  pipelines: readonly string[];
  tasks: number;
  /** Which numbers are a share of a pipeline's, by what its tasks write, and not counted. */
  estimated: { lines: boolean; others: boolean };
};

export type SinkRow = { sink: string; events: number; bytes: number; dropped: number; errors: number };

/** What was counted between two looks, as rates of each job, task or pipeline. Pure. */
export const topReport = ({
  uses,
  tasks,
  by,
  at,
  seconds,
  ...facts
}: {
  uses: ReadonlyMap<string, ComponentUse>;
  tasks: readonly TopTask[];
  by: By;
  at: number;
  seconds: number;
} & Pick<TopReport, 'node' | 'vectorCpuPercent' | 'tasksLeftOut'>): TopReport => {
  const rows = new Map<string, TopRow>();
  for (const use of pipelineUses({ uses, tasks }))
    for (const share of sharesOf({ use, by })) {
      const row = rowOf({ use, share, seconds, isWhole: facts.tasksLeftOut === 0 });
      const known = rows.get(share.key);
      rows.set(share.key, known === undefined ? row : sumOf(known, row));
    }
  return { schema: TOP_SCHEMA, at, seconds, by, ...facts, rows: [...rows.values()], sinks: sinksOf({ uses, seconds }) };
};

const rowOf = ({
  use,
  share,
  seconds,
  isWhole,
}: {
  use: PipelineUse;
  share: ReturnType<typeof sharesOf>[number];
  seconds: number;
  /** All tasks are known that may be in the pipeline. */
  isWhole: boolean;
}): TopRow => {
  const { names, tasks, lines, bytes, part, estimated } = share;
  const rate = (count: number): number => (count * part) / seconds;
  return {
    ...names,
    pipelines: [use.id],
    tasks,
    lines: lines / seconds,
    bytes: bytes === undefined ? null : bytes / seconds,
    dropped: { meant: rate(use.dropped.meant), failed: rate(use.dropped.failed) },
    errors: rate(use.errors),
    cpuPercent: use.cpuNs === undefined ? null : (rate(use.cpuNs) / NS_PER_SECOND) * 100,
    estimated: {
      lines: estimated.lines || (!isWhole && use.counted === undefined),
      others: estimated.others || !isWhole,
    },
  };
};

const NS_PER_SECOND = 1e9;

/** What is known of one alone is better than nothing. */
const sumOf = (a: TopRow, b: TopRow): TopRow => ({
  namespace: a.namespace === b.namespace ? a.namespace : null,
  job: a.job === b.job ? a.job : null,
  task: a.task === b.task ? a.task : null,
  pipelines: [...a.pipelines, ...b.pipelines],
  tasks: a.tasks + b.tasks,
  lines: a.lines + b.lines,
  bytes: sumOfKnown(a.bytes, b.bytes),
  dropped: { meant: a.dropped.meant + b.dropped.meant, failed: a.dropped.failed + b.dropped.failed },
  errors: a.errors + b.errors,
  cpuPercent: sumOfKnown(a.cpuPercent, b.cpuPercent),
  estimated: {
    lines: a.estimated.lines || b.estimated.lines,
    others: a.estimated.others || b.estimated.others,
  },
});

const sumOfKnown = (a: number | null, b: number | null): number | null => (a === null ? b : a + (b ?? 0));

/** The team's own too: what stands in their way holds the logs up. */
const sinksOf = ({ uses, seconds }: { uses: ReadonlyMap<string, ComponentUse>; seconds: number }): SinkRow[] =>
  [...uses.values()]
    .filter(({ kind }) => kind === 'sink')
    .map(({ id, received, bytes, dropped, errors }) => ({
      sink: id,
      events: received / seconds,
      bytes: bytes / seconds,
      dropped: (dropped.meant + dropped.failed) / seconds,
      errors: errors / seconds,
    }))
    .sort((a, b) => b.events - a.events);
