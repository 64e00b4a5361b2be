import type { Limit } from './limits.ts';
import { limitsTable } from './limits.ts';
import type { Section } from './page.ts';
import { type Plot, toSvg } from './plot.ts';
import type { ScaleFigures } from './run-scale.ts';
import { ratio } from './statistics.ts';
import { figure, markdownTable, mib, seconds, times } from './table.ts';

export type ScaleRow = { contender: string; tasks: number; figures: ScaleFigures };

const NVL = 'nvl';
const BARE = 'bare source';

/** A table a size, the limits, and the plots. Pure. */
export const scaleReport = ({ rows, notes }: { rows: readonly ScaleRow[]; notes: readonly string[] }): Section => {
  const sizes = [...new Set(rows.map(({ tasks }) => tasks))].sort((a, b) => a - b);
  const tables = sizes.map(
    (tasks) => `### ${figure(tasks)} ${tasks === 1 ? 'task' : 'tasks'}\n\n${sizeTable({ rows, tasks })}`,
  );
  const limits = limitsTable(scaleLimits(rows));
  return { name: 'scale', text: [...notes, limits, ...tables].join('\n\n'), plots: plotsOf(rows) };
};

const find = ({ rows, contender, tasks }: { rows: readonly ScaleRow[]; contender: string; tasks: number }) =>
  rows.find((row) => row.contender === contender && row.tasks === tasks)?.figures ?? {};

const percent = (value: number | undefined) => figure(value, { digits: 2, unit: ' %' });
const tenths = (value: number | undefined) => figure(value, { digits: 1 });
const ms = (value: number | undefined) => figure(value, { digits: 1, unit: ' ms' });
const kib = (bytes: number | undefined) =>
  figure(bytes === undefined ? undefined : bytes / 1_024, { digits: 1, unit: ' KiB' });

const sizeTable = ({ rows, tasks }: { rows: readonly ScaleRow[]; tasks: number }): string => {
  const here = rows.filter((row) => row.tasks === tasks);
  const bare = find({ rows, contender: BARE, tasks });
  const lines: [string, (figures: ScaleFigures) => string][] = [
    ['first line of each task', ({ readyMs }) => (readyMs === undefined ? 'not in time' : seconds(readyMs))],
    ["Vector's memory", ({ vectorBytes }) => mib(vectorBytes)],
    ['… of the bare source', ({ vectorBytes }) => times(ratio(vectorBytes, bare.vectorBytes))],
    ['threads', ({ vectorThreads }) => figure(vectorThreads)],
    ['open files', ({ vectorOpenFiles }) => figure(vectorOpenFiles)],
    ['idle processor', ({ vectorIdlePercent }) => percent(vectorIdlePercent)],
    ['… of the bare source', ({ vectorIdlePercent }) => times(ratio(vectorIdlePercent, bare.vectorIdlePercent))],
    ["daemon's memory", ({ daemonBytes }) => mib(daemonBytes)],
    ['… idle processor', ({ daemonIdlePercent }) => percent(daemonIdlePercent)],
    ['live configuration', ({ configBytes }) => kib(configBytes)],
    ['one more task: first line p50', ({ firstLineP50Ms }) => seconds(firstLineP50Ms)],
    ['… p99', ({ firstLineP99Ms }) => seconds(firstLineP99Ms)],
    ['… first line never came', ({ missed }) => figure(missed)],
    ['… came without labels', ({ unlabelled }) => figure(unlabelled)],
    ['… of so many tasks', ({ newTasks }) => figure(newTasks)],
    ["… Vector's processor", ({ newTaskCpuMs }) => ms(newTaskCpuMs)],
    ["… daemon's processor", ({ daemonNewTaskCpuMs }) => ms(daemonNewTaskCpuMs)],
    ['… components restarted', ({ restarted }) => figure(restarted, { digits: 1 })],
    ['… components added', ({ added }) => figure(added, { digits: 1 })],
    ['… reload', ({ reloadMs }) => ms(reloadMs)],
  ];
  return markdownTable([
    ['', ...here.map(({ contender }) => contender)],
    ...lines.map(([name, write]) => [name, ...here.map(({ figures }) => write(figures))]),
  ]);
};

/** The limits of nvl, with what was measured. Pure. */
export const scaleLimits = (rows: readonly ScaleRow[]): Limit[] => {
  const nvl = (tasks: number) => find({ rows, contender: NVL, tasks });
  const bare = (tasks: number) => find({ rows, contender: BARE, tasks });
  const [at100, at1000, at3000] = [nvl(100), nvl(1_000), nvl(3_000)];
  return [
    {
      what: "1,000 tasks: Vector's memory, of a bare source's",
      atMost: 1.3,
      measured: ratio(at1000.vectorBytes, bare(1_000).vectorBytes),
      write: times,
    },
    {
      what: "1,000 tasks: Vector's idle processor, of a bare source's",
      atMost: 1.3,
      measured: ratio(at1000.vectorIdlePercent, bare(1_000).vectorIdlePercent),
      write: times,
    },
    { what: "1,000 tasks: Vector's threads", atMost: 60, measured: at1000.vectorThreads, write: figure },
    { what: '1,000 tasks: live configuration', atMost: 10 * 1_024, measured: at1000.configBytes, write: kib },
    { what: "1,000 tasks: nvl's memory", atMost: 90e6, measured: at1000.daemonBytes, write: megabytes },
    { what: "1,000 tasks: nvl's idle processor", atMost: 0.3, measured: at1000.daemonIdlePercent, write: percent },
    { what: 'one more of 1,000: components restarted', atMost: 0, measured: at1000.restarted, write: tenths },
    { what: 'one more of 1,000: reload', atMost: 15, measured: at1000.reloadMs, write: ms },
    { what: 'one more of 1,000: first line p50', atMost: 800, measured: at1000.firstLineP50Ms, write: seconds },
    { what: 'one more of 100: first line p50', atMost: 200, measured: at100.firstLineP50Ms, write: seconds },
    { what: 'one more of 100: first line p99', atMost: 1_000, measured: at100.firstLineP99Ms, write: seconds },
    {
      what: "3,000 tasks: Vector's memory, of that at 1,000",
      atMost: 3,
      measured: ratio(at3000.vectorBytes, at1000.vectorBytes),
      write: times,
    },
    {
      what: "3,000 tasks: Vector's idle processor, of that at 1,000",
      atMost: 3,
      measured: ratio(at3000.vectorIdlePercent, at1000.vectorIdlePercent),
      write: times,
    },
  ];
};

const megabytes = (bytes: number | undefined) => figure(bytes === undefined ? undefined : bytes / 1e6, { unit: ' MB' });

const plotsOf = (rows: readonly ScaleRow[]): Section['plots'] =>
  Object.fromEntries(
    PLOTS.map(({ name, title, yName, of }) => [
      name,
      {
        title,
        svg: toSvg({ title, yName, xName: 'tasks on the node', isLogarithmic: true, series: seriesOf({ rows, of }) }),
      },
    ]),
  );

type Of = (figures: ScaleFigures) => number | undefined;

const PLOTS: readonly { name: string; title: string; yName: string; of: Of }[] = [
  {
    name: 'scale-memory',
    title: "Vector's memory, idle",
    yName: 'MiB',
    of: ({ vectorBytes }) => vectorBytes && vectorBytes / 2 ** 20,
  },
  {
    name: 'scale-idle',
    title: "Vector's processor time, idle",
    yName: '% of a core',
    of: ({ vectorIdlePercent }) => vectorIdlePercent,
  },
  {
    name: 'scale-first-line',
    title: 'First line of one more task, median',
    yName: 'seconds',
    of: ({ firstLineP50Ms }) => firstLineP50Ms && firstLineP50Ms / 1_000,
  },
];

const seriesOf = ({ rows, of }: { rows: readonly ScaleRow[]; of: Of }): Plot['series'] =>
  [...new Set(rows.map(({ contender }) => contender))].map((name) => ({
    name,
    points: rows.filter((row) => row.contender === name).map((row) => ({ x: row.tasks, y: of(row.figures) })),
  }));
