import { createTwoFilesPatch } from 'diff';
import type { Row } from '../pipelines/row.ts';
import { rowsOf, tableText } from '../pipelines/table.ts';

/**
 * The change of the table of rows as a unified diff of its rows alone: empty cells at their ends, which only another width
 * brings, and the row that counts them are no change. Empty when nothing changes. Pure.
 */
export const tableDiff = ({
  before,
  after,
  name,
}: {
  before: string | undefined;
  after: string;
  name: string;
}): string => {
  const [old, next] = [rowsOf(before), rowsOf(after)];
  const width = Math.max(1, ...[...old, ...next].map(({ cells }) => cells.length));
  const [from, to] = [widened(old, width), widened(next, width)];
  if (from === to && before !== undefined) return '';
  if (from === '' && to === '') return '';
  return createTwoFilesPatch(before === undefined ? '/dev/null' : name, name, from, to, undefined, undefined, {
    context: 0,
  }).replace(/^(?:Index: .*\n)?=+\n/, '');
};

/** Without its header and the row that counts. */
const widened = (rows: readonly Row[], width: number): string =>
  tableText(rows.map((row) => ({ ...row, cells: [...row.cells, ...Array<string>(width - row.cells.length).fill('')] })))
    .split('\n')
    .slice(2)
    .join('\n');

/** The first lines of a diff that is long, for people. */
export const firstLines = (diff: string, most = MOST_LINES): string => {
  const lines = diff.trimEnd().split('\n');
  if (lines.length <= most) return diff;
  return `${[...lines.slice(0, most), `# ${lines.length - most} more lines, which --format json has`].join('\n')}\n`;
};

const MOST_LINES = 60;
