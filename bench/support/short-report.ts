import { toBarsSvg } from './bars.ts';
import { type Limit, limitsTable } from './limits.ts';
import type { Section } from './page.ts';
import type { ShortFigures } from './run-short.ts';
import { figure, markdownTable, mib, seconds } from './table.ts';

export type ShortRow = { contender: string; figures: ShortFigures };

/** What became of the lines, the limits, and a plot. Pure. */
export const shortReport = ({
  name,
  title,
  rows,
  notes,
}: {
  /** Of the section; the plot is called after it. */
  name: string;
  title: string;
  rows: readonly ShortRow[];
  notes: readonly string[];
}): Section => {
  const groups = [
    {
      name: '% of what was written',
      values: Object.fromEntries(rows.map(({ contender, figures }) => [contender, lostPercent(figures)])),
    },
  ];
  return {
    name,
    text: [...notes, limitsTable(shortLimits(rows)), shortTable(rows)].join('\n\n'),
    plots: { [`${name}-lost`]: { title, svg: toBarsSvg({ title, unit: '%', groups }) } },
  };
};

const lostPercent = ({ lost, written }: ShortFigures): number | undefined =>
  lost === undefined || written === undefined || written === 0 ? undefined : (lost * 100) / written;

/** The limits of nvl, with what was measured. Pure. */
export const shortLimits = (rows: readonly ShortRow[]): Limit[] => {
  const figures = rows.find(({ contender }) => contender === 'nvl')?.figures ?? {};
  return (['lost', 'repeated', 'unlabelled', 'mislabelled', 'foreign'] as const).map((name) => ({
    what: name === 'foreign' ? 'torn or foreign lines' : `lines ${name}`,
    atMost: 0,
    measured: figures[name],
    write: figure,
  }));
};

const shortTable = (rows: readonly ShortRow[]): string => {
  const lines: [string, (figures: ShortFigures) => string][] = [
    ['tasks', ({ tasks }) => figure(tasks)],
    ['lines written', ({ written }) => figure(written)],
    ['lost', ({ lost }) => figure(lost)],
    ['… of all', (figures) => figure(lostPercent(figures), { digits: 1, unit: ' %' })],
    ['… tasks that lost a part', ({ partlyLost }) => figure(partlyLost)],
    ['repeated', ({ repeated }) => figure(repeated)],
    ['unlabelled', ({ unlabelled }) => figure(unlabelled)],
    ['mislabelled', ({ mislabelled }) => figure(mislabelled)],
    ['torn or foreign', ({ foreign }) => figure(foreign)],
    ['first line of a short task, read p50', ({ firstLineP50Ms }) => seconds(firstLineP50Ms)],
    ['… p99', ({ firstLineP99Ms }) => seconds(firstLineP99Ms)],
    ['last line after the last task', ({ restMs }) => seconds(restMs)],
    ["Vector's memory at most", ({ vectorPeakBytes }) => mib(vectorPeakBytes)],
    ["Vector's processor", ({ vectorCpuSeconds }) => figure(vectorCpuSeconds, { digits: 1, unit: ' s' })],
    ["daemon's memory at most", ({ daemonPeakBytes }) => mib(daemonPeakBytes)],
    [
      "daemon's processor, with its proofs",
      ({ daemonCpuSeconds }) => figure(daemonCpuSeconds, { digits: 1, unit: ' s' }),
    ],
  ];
  return markdownTable([
    ['', ...rows.map(({ contender }) => contender)],
    ...lines.map(([name, write]) => [name, ...rows.map(({ figures }) => write(figures))]),
  ]);
};
