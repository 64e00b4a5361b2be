import { createTwoFilesPatch } from 'diff';
import type { Colors } from 'picocolors/types.js';
import { plural } from '../plural.ts';
import type { Component } from '../render/components.ts';
import { insteadLine } from '../render/refused.ts';
import { firstOf, onceEach, onceForReason } from './once-each.ts';
import type { Plan } from './plan.ts';
import { moveLines, regroupLines, tasksText } from './regroup-lines.ts';
import type { Change, PlanReport, ReportError, TaskChange } from './report.ts';

/** The file's change as a unified diff; empty when there is none. Pure. */
export const unifiedDiff = ({
  plan,
  live,
  name,
}: {
  plan: Pick<Plan, 'text' | 'swap'>;
  live: string | undefined;
  name: string;
}): string =>
  plan.swap
    ? createTwoFilesPatch(live === undefined ? '/dev/null' : name, name, live ?? '', plan.text, undefined, undefined, {
        context: 3,
      }).replace(/^(?:Index: .*\n)?=+\n/, '')
    : '';

export const paintDiff = ({ diff, colors }: { diff: string; colors: Colors }): string =>
  diff
    .split('\n')
    .map((line) => paintLine(line, colors))
    .join('\n');

const paintLine = (line: string, colors: Colors): string => {
  if (line.startsWith('---') || line.startsWith('+++')) return colors.bold(line);
  if (line.startsWith('@@')) return colors.cyan(line);
  if (line.startsWith('+')) return colors.green(line);
  return line.startsWith('-') ? colors.red(line) : line;
};

/** What the change means, for a terminal. Pure. */
export const reportText = ({ report, colors }: { report: PlanReport; colors: Colors }): string =>
  [
    ...changeLines({ report, colors }),
    ...restartLines(report).map(colors.yellow),
    ...readAgainLines(report).map((line) => colors.red(`! ${line}`)),
    ...[...regroupLines(report), ...moveLines(report)].map((line) => colors.yellow(`! ${line}`)),
    ...report.rebuilt.map((id) => colors.yellow(`! sink ${id} is rebuilt`)),
    ...backlogLines(report),
    ...report.faults.map((fault) => colors.red(toldText(fault))),
    ...report.warnings.map((warning) => colors.yellow(`! ${toldText(warning)}`)),
    ...onceEach(report.refused).map((block) =>
      [
        (block.instead === 'nothing' ? colors.red : colors.yellow)(capital(insteadLine(block))),
        ...block.errors.map((error) => toldText(error).replaceAll(/^/gm, '  ')),
      ].join('\n'),
    ),
    ...onceEach(report.notes).map(({ heading, errors }) =>
      [colors.yellow(`! ${heading}`), ...errors.map((error) => toldText(error).replaceAll(/^/gm, '  '))].join('\n'),
    ),
    report.next,
  ].join('\n');

export const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

const SIGNS: Record<Change, string> = { added: '+', changed: '~', removed: '-' };

const changeLines = ({ report, colors }: { report: PlanReport; colors: Colors }): string[] => {
  if (!report.hasChanges) return ['No changes.'];
  const { added, changed, removed } = report.components;
  const paint: Record<Change, (text: string) => string> = {
    added: colors.green,
    changed: colors.yellow,
    removed: colors.red,
  };
  const rows = (change: Change, components: readonly Component[]) => [
    ...components.slice(0, MOST_ROWS).map(({ kind, id }) => paint[change](`  ${SIGNS[change]} ${kind} ${id}`)),
    ...(components.length <= MOST_ROWS
      ? []
      : [paint[change](`  ${SIGNS[change]} ${components.length - MOST_ROWS} more`)]),
  ];
  return [
    ...report.jobs.flatMap(({ namespace, job, tasks }) => [
      colors.bold(`${namespace} / ${job}`),
      ...taskRows(tasks).map(({ name, change, profile, move }) =>
        paint[change](`  ${SIGNS[change]} ${name} (profile ${profile}${move === '' ? '' : `, ${move}`})`),
      ),
    ]),
    tasksLine({ report, colors }),
    `Components: ${colors.green(`${added.length} added`)}, ${colors.yellow(`${changed.length} changed`)}, ` +
      `${colors.red(`${removed.length} removed`)}; ${report.restarted.length + report.rebuilt.length} restarted.`,
    ...rows('added', added),
    ...rows('changed', changed),
    ...rows('removed', removed),
  ];
};

const tasksLine = ({ report: { jobs, counts }, colors }: { report: PlanReport; colors: Colors }): string => {
  const changes = Map.groupBy(
    jobs.flatMap(({ tasks }) => tasks),
    ({ change }) => change,
  );
  const count = (change: Change): number => changes.get(change)?.length ?? 0;
  return (
    `Tasks: ${colors.green(`${count('added')} added`)}, ${colors.yellow(`${count('changed')} changed`)}, ` +
    `${colors.red(`${count('removed')} removed`)}; ${countsText(counts)}.`
  );
};

/** `12 tasks in 3 pipelines`. */
export const countsText = ({ tasks, pipelines }: PlanReport['counts']): string =>
  `${tasksText(tasks)} in ${plural(pipelines, 'pipeline')}`;

/** Enough to see what kind of components they are; `--format json` names them all. */
const MOST_ROWS = 60;

const restartLines = ({ restarted }: PlanReport): string[] =>
  restarted.length === 0 ? [] : [`! ${restartText(restarted)}`];

/** Sources that restart, with how many tasks they read. */
export const restartText = (restarted: PlanReport['restarted']): string => {
  const tasks = tasksText(restarted.reduce((sum, one) => sum + one.tasks, 0));
  return restarted.length === 1
    ? `source ${restarted[0]?.id}, which reads ${tasks}, restarts; a few of their lines may come twice`
    : `${restarted.length} sources, which read ${tasks}, restart, and a few of their lines may come twice: ${firstOf(restarted.map(({ id }) => id))}`;
};

export const readAgainLines = ({ readAgain }: Pick<PlanReport, 'readAgain'>): string[] =>
  onceForReason(readAgain, ({ ids, list, why }) => {
    const tasks = tasksText(list.reduce((sum, one) => sum + one.tasks, 0));
    return list.length === 1
      ? `source ${ids} would read the files of ${tasks} again from the start: ${why}`
      : `${list.length} sources would read the files of ${tasks} again from the start: ${why}: ${ids}`;
  });

/** The tasks of a job, instances that change alike in one row. */
export const taskRows = (tasks: readonly TaskChange[]): TaskRow[] => {
  const rows = Map.groupBy(tasks, (one) =>
    [one.group.replace(INDEX, ''), one.task, one.change, one.profile, moveText(one)].join('\n'),
  );
  return [...rows.values()].flatMap((ones) => {
    const [first] = ones;
    if (first === undefined) return [];
    const { group, task, change, profile } = first;
    const indexes = ones.map((one) => INDEX.exec(one.group)?.[1] ?? '').sort((a, b) => Number(a) - Number(b));
    const name = ones.length === 1 ? `${group} / ${task}` : `${group.replace(INDEX, '')} ${firstOf(indexes)} / ${task}`;
    return [{ name, change, profile, move: moveText(first) }];
  });
};

/** `move`: from which pipeline to which, in words; empty where it stays. */
type TaskRow = { name: string; change: Change; profile: string; move: string };

const moveText = ({ from, to }: TaskChange): string => (from === undefined ? '' : `from pipeline ${from} to ${to}`);

/** Behind the name of a group. */
const INDEX = / (\d+)$/;

const backlogLines = ({ backlog }: PlanReport): string[] =>
  backlog === undefined || backlog.files === 0
    ? []
    : [`Backlog: ${backlogText(backlog)} lie there already and will be read.`];

export const backlogText = ({ tasks, files, bytes }: NonNullable<PlanReport['backlog']>): string =>
  `${size(bytes)} in ${plural(files, 'file')} of ${plural(tasks, 'task')}`;

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** `1.5 GB`. */
export const size = (bytes: number): string => {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${UNITS[power]}`;
};

const toldText = ({ message, facts, advice }: ReportError): string =>
  [
    message,
    ...Object.entries({ ...facts, ...(advice === undefined ? {} : { try: advice }) }).map(
      ([name, text]) => `  ${name}  ${text}`,
    ),
  ].join('\n');
