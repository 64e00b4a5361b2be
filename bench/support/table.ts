import { type Count, type Latency, percentile } from '../../test/support/count-lines.ts';

/** The table that `npm run bench:churn` prints: a row a scenario, and all of them in the last one. */
export const toTable = ({
  rows,
  all,
}: {
  rows: ({ name: string } & Count & Latency)[];
  all: Count & Latency;
}): string => {
  const cells = [
    ['', 'written', 'lost', 'repeated', 'unlabelled', 'mislabelled', 'first line p50', 'p99'],
    ...[...rows, { name: 'all', ...all }].map((row) => [
      row.name,
      ...[row.written, row.lost, row.repeated, row.unlabelled, row.mislabelled].map(String),
      seconds(percentile({ values: row.firstLineMs, share: 0.5 })),
      seconds(percentile({ values: row.firstLineMs, share: 0.99 })),
    ]),
  ];
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  const toLine = (line: string[]) =>
    `| ${line.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`;
  const rule = `|${widths.map((width, column) => (column === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [toLine(cells[0] ?? []), rule, ...cells.slice(1).map(toLine)].join('\n');
};

const seconds = (ms: number | undefined): string => (ms === undefined ? '–' : `${(ms / 1000).toFixed(2)} s`);
