import { alignedRows } from '../aligned.ts';
import { plural } from '../plural.ts';
import { cutTo, plainLine, shownBytes } from '../status/show/units.ts';
import type { SinkRow, TopReport, TopRow } from './report.ts';

/** By which column the rows are sorted. */
export type SortBy = 'lines' | 'bytes' | 'drops' | 'errors' | 'cpu';

/** The rows in the order in which they are shown: the most first, and names where that is the same. Pure. */
export const mostFirst = ({ rows, sort }: { rows: readonly TopRow[]; sort: SortBy }): TopRow[] =>
  rows.toSorted((a, b) => VALUES[sort](b) - VALUES[sort](a) || (nameOf(a) < nameOf(b) ? -1 : 1));

const VALUES: Readonly<Record<SortBy, (row: TopRow) => number>> = {
  lines: ({ lines }) => lines,
  bytes: ({ bytes }) => bytes ?? -1,
  drops: (row) => dropsOf(row),
  errors: ({ errors }) => errors,
  cpu: ({ cpuPercent }) => cpuPercent ?? -1,
};

const MOST_ROWS = 20;
const WIDTH = 80;
const WIDEST_NAME = 26;

/** A report for people, in lines of 80 characters. Its rows are sorted already. Pure. */
export const showTop = (report: TopReport): string => {
  const { rows, sinks, by, tasksLeftOut } = report;
  const shown = rows.slice(0, MOST_ROWS);
  const more = rows.length - shown.length;
  return [
    headOf(report),
    '',
    ...table([[by.toUpperCase(), 'TASKS', 'LINES/S', 'BYTES/S', 'DROPS/S', 'ERRORS/S', 'CPU'], ...shown.map(cellsOf)]),
    ...(more === 0 ? [] : [`and ${more} more: --json has all of them`]),
    ...(sinks.length === 0
      ? []
      : [
          '',
          ...table([
            ['SINK', 'EVENTS/S', 'BYTES/S', 'DROPS/S', 'ERRORS/S'],
            ...sinks.slice(0, MOST_ROWS).map(sinkCells),
          ]),
        ]),
    ...notesOf(report),
    ...(tasksLeftOut === 0 ? [] : [`${plural(tasksLeftOut, 'task')} more are not told apart`]),
    '',
  ].join('\n');
};

const headOf = ({ node, at, seconds, vectorCpuPercent }: TopReport): string => {
  const parts = [
    ...(node === null ? [] : [plainLine(node)]),
    new Date(at).toISOString().slice(0, 19),
    `over ${seconds.toFixed(1)} s`,
    ...(vectorCpuPercent === null ? [] : [`all of Vector ${percentOf(vectorCpuPercent)} of a core`]),
  ];
  return cutTo(parts.join(', '), WIDTH);
};

const table = (rows: readonly (readonly string[])[]): string[] =>
  alignedRows({ rows, gap: '  ' }).map((line) => cutTo(line, WIDTH));

const cellsOf = (row: TopRow): string[] => {
  const { lines, bytes, errors, cpuPercent, tasks, estimated } = row;
  const about = (text: string, isEstimated: boolean): string => (isEstimated ? `~${text}` : text);
  const count = (number: number): string => about(shownCount(number), estimated.others && number > 0);
  return [
    cutTo(plainLine(nameOf(row)), WIDEST_NAME),
    String(tasks),
    about(shownCount(lines), estimated.lines && lines > 0),
    about(shownBytes(bytes), estimated.lines && (bytes ?? 0) > 0),
    count(dropsOf(row)),
    count(errors),
    cpuPercent === null ? '-' : about(percentOf(cpuPercent), estimated.others && cpuPercent > 0),
  ];
};

const sinkCells = ({ sink, events, bytes, dropped, errors }: SinkRow): string[] => [
  cutTo(plainLine(sink), WIDEST_NAME),
  shownCount(events),
  shownBytes(bytes),
  shownCount(dropped),
  shownCount(errors),
];

const nameOf = ({ namespace, job, task, pipelines }: TopRow): string => {
  if (job === null) return pipelines[0] ?? '';
  const prefix = namespace === 'default' || namespace === '' || namespace === null ? '' : `${namespace}:`;
  return `${prefix}${job}${task === null ? '' : `/${task}`}`;
};

const dropsOf = ({ dropped: { meant, failed } }: TopRow): number => meant + failed;

/** A rate in six characters at most: `0`, `<0.1`, `4.2`, `812`, `12.3k`, `4.1M`. Pure. */
export const shownCount = (number: number): string => {
  if (number === 0) return '0';
  if (number < 0.05) return '<0.1';
  let scaled = number;
  let power = 0;
  for (; scaled >= 999.5 && power < UNITS.length - 1; power += 1) scaled /= 1_000;
  return `${scaled < 99.95 ? scaled.toFixed(1).replace(/\.0$/, '') : Math.round(scaled)}${UNITS[power]}`;
};

const UNITS = ['', 'k', 'M', 'G'];

const percentOf = (percent: number): string => `${percent.toFixed(1)}%`;

const notesOf = ({ rows }: Pick<TopReport, 'rows'>): string[] => {
  const isShared = rows.some(({ estimated }) => estimated.lines);
  const isPart = rows.some(({ estimated }) => estimated.others);
  const isTimed = rows.some(({ cpuPercent }) => cpuPercent !== null);
  const notes = [
    ...(isShared ? ['~ is a share, by what the tasks write; metrics.byTask has Vector count lines'] : []),
    ...(isPart && !isShared ? ['~ is a share, by lines: Vector counts these for all of a pipeline'] : []),
    ...(rows.length === 0 || isTimed ? [] : ['processor time is not measured: metrics.byTask turns that on']),
  ];
  return notes.length === 0 ? [] : ['', ...notes];
};
