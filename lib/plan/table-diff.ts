import { createTwoFilesPatch } from 'diff';
import type { Row } from '../pipelines/row.ts';
import { columnsIn, rowsOf, tableText } from '../pipelines/table.ts';

/**
 * The change of the table of rows as a unified diff of its rows alone: empty cells, which only a column of others brings, and the
 * row that counts them are no change. Empty when nothing changes. Pure.
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
  const empty = Object.fromEntries(columnsIn([...old, ...next]).map((column) => [column, '']));
  const [from, to] = [old, next].map((rows) => widened(rows, empty)) as [string, string];
  if (from === to && before !== undefined) return '';
  if (from === '' && to === '') return '';
  return createTwoFilesPatch(before === undefined ? '/dev/null' : name, name, from, to, undefined, undefined, {
    context: 0,
  }).replace(/^(?:Index: .*\n)?=+\n/, '');
};

/** With all columns of both tables, without the header and the row that counts. */
const widened = (rows: readonly Row[], empty: Row['cells']): string =>
  tableText(rows.map((row) => ({ ...row, cells: { ...empty, ...row.cells } })))
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
