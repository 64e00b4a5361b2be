import { plural } from '../plural.ts';
import { firstOf } from './once-each.ts';
import type { PipelineSize, Regrouped } from './regrouped.ts';
import type { PlanReport } from './report.ts';

/** Which pipelines are split or joined, and by what, one line each. */
export const regroupLines = ({ regrouped }: Pick<PlanReport, 'regrouped'>): string[] =>
  regrouped.map((one) => `${what(one)}${because(one)}`);

const what = ({ kind, from, to, moved }: Regrouped): string => {
  const [first, last] = [from[0] as PipelineSize, to[0] as PipelineSize];
  if (kind === 'split') return `pipeline ${named(first)} is split into ${listed(to)}`;
  if (kind === 'joined') return `pipelines ${listed(from)} are joined to ${named(last)}`;
  if (from.length === 1)
    return `${tasksText(moved)} of pipeline ${first.id} ${moved === 1 ? 'moves' : 'move'} to ${last.id}`;
  return `the tasks of pipelines ${listed(from)} are regrouped to ${listed(to)}`;
};

const named = ({ id, tasks }: PipelineSize): string => `${id} (${tasksText(tasks)})`;

const listed = (sizes: readonly PipelineSize[]): string => firstOf(sizes.map(named));

const because = ({ why }: Regrouped): string => {
  const parts = [
    ['by', why.filter(({ isGone }) => !isGone)],
    ['no longer by', why.filter(({ isGone }) => isGone)],
  ] as const;
  const told = parts.flatMap(([word, reasons]) =>
    reasons.length === 0
      ? []
      : [`${word} ${firstOf(reasons.map(({ text, at }) => `${text}${at === undefined ? '' : ` (${at})`}`))}`],
  );
  return told.length === 0 ? '' : `, ${told.join(', ')}`;
};

/** What it costs the tasks that move; nothing is said where none does. */
export const moveLines = ({ regrouped }: Pick<PlanReport, 'regrouped'>): string[] => {
  const moved = regrouped.reduce((sum, one) => sum + one.moved, 0);
  return moved === 0
    ? []
    : [
        `${tasksText(moved)} ${moved === 1 ? 'is' : 'are'} read on by another source; at most what it read since its last checkpoint may come twice`,
      ];
};

export const tasksText = (count: number): string => plural(count, 'task');
