import { toBarsSvg } from './bars.ts';
import { type Limit, limitsTable } from './limits.ts';
import type { Section } from './page.ts';
import type { Load, ThroughputFigures } from './run-throughput.ts';
import { ratio } from './statistics.ts';
import { figure, markdownTable, mib, times } from './table.ts';

export type ThroughputRow = { contender: string; load: Load; figures: ThroughputFigures };

const [NVL, BARE, LITERALS] = ['nvl', 'bare source', 'labels as literals'];

/** A table a load, the limits, and the plots. Pure. */
export const throughputReport = ({
  rows,
  notes,
}: {
  rows: readonly ThroughputRow[];
  notes: readonly string[];
}): Section => {
  const loads = loadsOf(rows);
  const tables = loads.map((load) => `### ${nameOf(load)}\n\n${loadTable({ rows, load })}`);
  return {
    name: 'throughput',
    text: [...notes, limitsTable(throughputLimits(rows)), ...tables].join('\n\n'),
    plots: plotsOf(rows),
  };
};

const keyOf = ({ tasks, lineBytes, parse }: Load): string => `${parse} ${tasks} ${lineBytes}`;

const loadsOf = (rows: readonly ThroughputRow[]): Load[] => [
  ...new Map(rows.map(({ load }) => [keyOf(load), load])).values(),
];

const nameOf = ({ tasks, lineBytes, parse }: Load): string =>
  `${tasks} ${tasks === 1 ? 'task' : 'tasks'}, lines of ${lineBytes} bytes${PARSED[parse]}`;

const PARSED: Readonly<Record<Load['parse'], string>> = {
  plain: '',
  parse_logfmt: ', parse_logfmt',
  logfmt: ', the sample logfmt',
};

const find = ({ rows, contender, load }: { rows: readonly ThroughputRow[]; contender: string; load: Load }) =>
  rows.find((row) => row.contender === contender && keyOf(row.load) === keyOf(load))?.figures ?? {};

const megabytes = (bytes: number | undefined) =>
  figure(bytes === undefined ? undefined : bytes / 1e6, { digits: 1, unit: ' MB/s' });
const microseconds = (value: number | undefined) => figure(value, { digits: 1, unit: ' µs' });

const loadTable = ({ rows, load }: { rows: readonly ThroughputRow[]; load: Load }): string => {
  const here = rows.filter((row) => keyOf(row.load) === keyOf(load));
  const bare = find({ rows, contender: BARE, load });
  const lines: [string, (figures: ThroughputFigures) => string][] = [
    ['read', ({ bytesASecond }) => megabytes(bytesASecond)],
    ['… of the bare source', ({ bytesASecond }) => times(ratio(bytesASecond, bare.bytesASecond))],
    ['processor an event', ({ cpuMicrosecondsAnEvent }) => microseconds(cpuMicrosecondsAnEvent)],
    [
      '… of the bare source',
      ({ cpuMicrosecondsAnEvent }) => times(ratio(cpuMicrosecondsAnEvent, bare.cpuMicrosecondsAnEvent)),
    ],
    ['kept up with', ({ keptUpBytesASecond }) => megabytes(keptUpBytesASecond)],
    ["Vector's memory at most", ({ peakBytes }) => mib(peakBytes)],
    ['… of the bare source', ({ peakBytes }) => times(ratio(peakBytes, bare.peakBytes))],
    ['lines written', ({ written }) => figure(written)],
    ['lines lost', ({ lost }) => figure(lost === undefined ? undefined : Math.max(0, lost))],
    ['lines too many', ({ lost }) => figure(lost === undefined ? undefined : Math.max(0, -lost))],
  ];
  return markdownTable([
    ['', ...here.map(({ contender }) => contender)],
    ...lines.map(([name, write]) => [name, ...here.map(({ figures }) => write(figures))]),
  ]);
};

/** The limits of nvl at each load, with what was measured. Pure. */
export const throughputLimits = (rows: readonly ThroughputRow[]): Limit[] =>
  loadsOf(rows).flatMap((load) => {
    const [nvl, bare, literals] = [NVL, BARE, LITERALS].map((contender = '') => find({ rows, contender, load }));
    const name = nameOf(load);
    const yardstick = load.parse === 'plain' ? literals : bare;
    const speeds: Limit[] = [
      {
        what: `${name}: read, of the bare source`,
        atLeast: 0.8,
        measured: ratio(nvl?.bytesASecond, bare?.bytesASecond),
        write: times,
      },
      {
        what: `${name}: kept up with, of the bare source`,
        atLeast: 0.8,
        measured: ratio(nvl?.keptUpBytesASecond, bare?.keptUpBytesASecond),
        write: times,
      },
    ];
    return [
      ...(load.parse === 'plain' ? speeds : []),
      {
        what: `${name}: processor an event, of ${load.parse === 'plain' ? 'labels as literals' : 'the bare source with this parse'}`,
        atMost: load.parse === 'plain' ? 1.4 : 1.6,
        measured: ratio(nvl?.cpuMicrosecondsAnEvent, yardstick?.cpuMicrosecondsAnEvent),
        write: times,
      },
      {
        what: `${name}: Vector's memory, of the bare source`,
        atMost: 1.5,
        measured: ratio(nvl?.peakBytes, bare?.peakBytes),
        write: times,
      },
    ];
  });

const plotsOf = (rows: readonly ThroughputRow[]): Section['plots'] => {
  const bars = ({
    title,
    unit,
    of,
  }: {
    title: string;
    unit: string;
    of: (figures: ThroughputFigures) => number | undefined;
  }) => ({
    title,
    svg: toBarsSvg({
      title,
      unit,
      groups: loadsOf(rows).map((load) => ({
        name: shortNameOf(load),
        values: Object.fromEntries(
          rows
            .filter((row) => keyOf(row.load) === keyOf(load))
            .map(({ contender, figures }) => [contender, of(figures)]),
        ),
      })),
    }),
  });
  return {
    'throughput-read': bars({
      title: 'Read of what lies there',
      unit: 'MB/s',
      of: ({ bytesASecond }) => bytesASecond && bytesASecond / 1e6,
    }),
    'throughput-processor': bars({
      title: "Vector's processor time an event",
      unit: 'µs',
      of: ({ cpuMicrosecondsAnEvent }) => cpuMicrosecondsAnEvent,
    }),
  };
};

const shortNameOf = ({ tasks, lineBytes, parse }: Load): string =>
  `${tasks} × ${lineBytes} B${parse === 'plain' ? '' : ` ${parse}`}`;
