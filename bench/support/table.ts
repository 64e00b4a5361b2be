import { type Count, type Latency, percentile } from '../../test/support/count-lines.ts';

/** What `npm run bench:churn` prints: a row a scenario, and all of them in the last one. */
export const toTable = ({
  rows,
  all,
}: {
  rows: ({ name: string } & Count & Latency)[];
  all: Count & Latency;
}): string =>
  markdownTable([
    ['', 'written', 'lost', 'repeated', 'unlabelled', 'mislabelled', 'first line p50', 'p99'],
    ...[...rows, { name: 'all', ...all }].map((row) => [
      row.name,
      ...[row.written, row.lost, row.repeated, row.unlabelled, row.mislabelled].map(String),
      seconds(percentile({ values: row.firstLineMs, share: 0.5 })),
      seconds(percentile({ values: row.firstLineMs, share: 0.99 })),
    ]),
  ]);

/** A Markdown table that can be read as it stands: the first row names the columns, all but the first are to the right. */
export const markdownTable = (cells: readonly (readonly string[])[]): string => {
  const [head = [], ...body] = cells;
  const widths = head.map((_, column) => Math.max(3, ...cells.map((line) => line[column]?.length ?? 0)));
  const toLine = (line: readonly string[]) =>
    `| ${head.map((_, column) => pad({ cell: line[column] ?? '', width: widths[column] ?? 0, isLeft: column === 0 })).join(' | ')} |`;
  const rule = `|${widths.map((width, column) => (column === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [toLine(head), rule, ...body.map(toLine)].join('\n');
};

const pad = ({ cell, width, isLeft }: { cell: string; width: number; isLeft: boolean }): string =>
  isLeft ? cell.padEnd(width) : cell.padStart(width);

const MISSING = '–';

/** A figure with its unit, or a dash where nothing was measured. */
export const figure = (value: number | undefined, { digits = 0, unit = '' } = {}): string =>
  value === undefined || Number.isNaN(value)
    ? MISSING
    : `${value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })}${unit}`;

export const seconds = (ms: number | undefined): string =>
  figure(ms === undefined ? undefined : ms / 1_000, { digits: 2, unit: ' s' });

export const mib = (bytes: number | undefined): string =>
  figure(bytes === undefined ? undefined : bytes / 2 ** 20, { unit: ' MiB' });

export const times = (value: number | undefined): string => figure(value, { digits: 2, unit: '×' });
