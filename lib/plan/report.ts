import { isDeepStrictEqual } from 'node:util';
import type { NvlError } from '../errors.ts';
import { isOfPipeline } from '../ids.ts';
import { rowsOf } from '../pipelines/table.ts';
import { type Component, componentsOf } from '../render/components.ts';
import { type Block, blocksOf, namesOfHeading } from '../render/file.ts';
import type { Instead, Note, RefusedBlock } from '../render/refused.ts';
import type { Plan } from './plan.ts';
import type { Regrouped } from './regrouped.ts';

export type Change = 'added' | 'changed' | 'removed';

/** `from` and `to`: its pipelines, where it moves from one to another. */
export type TaskChange = {
  id: string;
  task: string;
  group: string;
  change: Change;
  profile: string;
  from?: string;
  to?: string;
};

/** What a plan means for people, job by job. Pure data: every format prints this. */
export type PlanReport = {
  isFirst: boolean;
  hasChanges: boolean;
  components: { added: readonly Component[]; changed: readonly Component[]; removed: readonly Component[] };
  jobs: readonly { namespace: string; job: string; tasks: readonly TaskChange[] }[];
  /** How many tasks and pipelines there are then. */
  counts: { tasks: number; pipelines: number };
  /** Sources that are restarted, with how many tasks they read: they read on from their checkpoints, and may repeat a few lines. */
  restarted: readonly { id: string; tasks: number }[];
  /** Sources whose files Vector would read again from their start, with how many tasks they read, and why. */
  readAgain: readonly { id: string; tasks: number; why: string }[];
  /** Pipelines that are split or joined, or whose tasks move to others. */
  regrouped: readonly Regrouped[];
  /** Sinks that are rebuilt: what they hold is flushed first. */
  rebuilt: readonly string[];
  /** What lies there already and would be read, where that is known. */
  backlog: Backlog | undefined;
  /** What can't be used as it is, and what ships in its place. */
  refused: readonly { key: string; heading: string; instead: Instead; errors: readonly ReportError[] }[];
  /** What of jobs' meta is not understood; it changes nothing of how a task ships, unless it may be an opt-out. */
  notes: readonly { key: string; heading: string; errors: readonly ReportError[] }[];
  /** Faults of templates and profiles. */
  faults: readonly ReportError[];
  /** Files of the templates folder that are not read. */
  warnings: readonly ReportError[];
  next: string;
};

export type Backlog = { tasks: number; files: number; bytes: number };

/** An error as data; `file`, `line` and `column` where it belongs to a template. */
export type ReportError = {
  code: string;
  message: string;
  facts: Readonly<Record<string, string>>;
  advice: string | undefined;
  file?: string;
  line?: number;
  column?: number;
};

export const makeReport = ({
  plan,
  live,
  refused,
  notes,
  templates,
  backlog,
  regrouped = [],
}: {
  plan: Plan;
  live: string | undefined;
  refused: readonly RefusedBlock[];
  notes: readonly Note[];
  templates: { faults: readonly NvlError[]; warnings: readonly NvlError[] };
  backlog: Backlog | undefined;
  regrouped?: readonly Regrouped[];
}): PlanReport => {
  const [before, after] = [blocksOf(live ?? ''), blocksOf(plan.text)];
  const { added, changed, removed, tasks } = plan.changes;
  const ofKind = (list: readonly Component[], kind: Component['kind']) =>
    list.filter((component) => component.kind === kind).map(({ id }) => id);
  const changedSources = ofKind(changed, 'source');
  const pipelines = [...after.values()].filter(({ kind }) => kind === 'pipeline').map(({ key }) => key);
  const sizes = Map.groupBy(rowsOf(plan.table), ({ pipeline }) => pipeline);
  const tasksOf = (source: string): number => sizes.get(pipelineOf({ source, pipelines }) ?? '')?.length ?? 0;
  const report = {
    isFirst: live === undefined,
    hasChanges: plan.swap || plan.write,
    components: { added, changed, removed },
    jobs: jobsOf(tasks),
    counts: { tasks: plan.taskCount, pipelines: pipelines.length },
    restarted: changedSources.map((id) => ({ id, tasks: tasksOf(id) })),
    readAgain: changedSources.flatMap((id) => {
      const key = pipelineOf({ source: id, pipelines }) ?? id;
      return readAgain({ id, before: before.get(key), after: after.get(key) }).map((one) => ({
        ...one,
        tasks: tasksOf(id),
      }));
    }),
    regrouped,
    rebuilt: ofKind(changed, 'sink'),
    backlog,
    refused: refused.map((one) => ({ ...one, errors: one.errors.map(toReportError) })),
    notes: notes.map((one) => ({ ...one, errors: one.errors.map(toReportError) })),
    faults: templates.faults.map(toReportError),
    warnings: templates.warnings.map(toReportError),
  };
  return { ...report, next: nextOf(report) };
};

/** A pipeline's further sources have its id before their own names. */
const pipelineOf = ({ source, pipelines }: { source: string; pipelines: readonly string[] }): string | undefined =>
  pipelines.find((pipeline) => isOfPipeline({ component: source, pipeline }));

const jobsOf = (tasks: Plan['changes']['tasks']): PlanReport['jobs'] => {
  const jobs = new Map<string, { namespace: string; job: string; tasks: TaskChange[] }>();
  for (const { key, heading, change, from, to } of tasks) {
    const names = namesOfHeading(heading);
    if (names === undefined) continue;
    const { namespace, job, group, task, profile } = names;
    const entry = jobs.get(`${namespace} ${job}`) ?? { namespace, job, tasks: [] };
    const move = from === undefined || to === undefined ? {} : { from, to };
    entry.tasks.push({ id: key, task, group, change, profile, ...move });
    jobs.set(`${namespace} ${job}`, entry);
  }
  return [...jobs.values()];
};

/** Vector knows a file again by its fingerprint, in the source's own data folder: either changed, and all is new to it. */
const readAgain = ({ id, before, after }: { id: string; before: Block | undefined; after: Block | undefined }) => {
  const table = (block: Block | undefined) =>
    (componentsOf(block?.text ?? '').get(`source ${id}`)?.table ?? {}) as Record<string, unknown>;
  const [old, next] = [table(before), table(after)];
  return ['fingerprint', 'data_dir', 'ignore_checkpoints']
    .filter((key) => !isDeepStrictEqual(old[key], next[key]))
    .map((key) => ({ id, why: `its ${key} changes` }));
};

export const toReportError = (error: NvlError): ReportError => {
  const [, file, line, column] = /^(.*?):(\d+)(?::(\d+))?$/.exec(error.facts.at ?? '') ?? [];
  return {
    code: error.code,
    message: error.message,
    facts: error.facts,
    advice: error.advice,
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line: Number(line) }),
    ...(column === undefined ? {} : { column: Number(column) }),
  };
};

const nextOf = (report: Omit<PlanReport, 'next'>): string => {
  if (report.faults.length > 0 || report.refused.length > 0)
    return 'Fix what is told above, then look again with: nvl render --dry-run';
  if (!report.hasChanges) return 'Nothing to do.';
  if (report.readAgain.length > 0)
    return 'Lines of the sources that are read again will be delivered twice; if that is meant, nvl run does it.';
  return report.isFirst
    ? 'nvl validate proves it with Vector; nvl run puts it live.'
    : 'nvl run puts it live at its next cycle.';
};
