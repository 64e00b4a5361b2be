import { type Row, rowKey } from '../pipelines/row.ts';
import { isSameRow } from '../pipelines/same-row.ts';
import { sortedRows, tableText } from '../pipelines/table.ts';
import { withLeavingColumns } from './leaving-columns.ts';

/**
 * The table of these rows: the live one as it is, where it says all of them. A row of a task that is drained, one of a pipeline
 * that was left, and a column that the labels no longer read go with the next change: alone they are not worth a reload.
 * `own`: the rows of tasks as they stand in it; `all`: those of the table, in its order. Pure.
 */
export const nextTable = ({
  rows,
  former,
  live,
  isEdited,
  wereByValue,
}: {
  rows: readonly Row[];
  /** Those of pipelines that tasks have left. */
  former: readonly Row[];
  /** Its rows in its order. */
  live: { text: string | undefined; rows: readonly Row[] };
  /** Another file is to go live with it. */
  isEdited: boolean;
  wereByValue: ReadonlySet<string>;
}): { text: string; own: readonly Row[]; all: readonly Row[] } => {
  const { text, rows: before } = live;
  if (text !== undefined && !isEdited && saysAll({ before, rows: [...rows, ...former] }))
    return { text, own: before, all: before };
  const own = isEdited ? withLeavingColumns({ rows, before, wereByValue }) : rows;
  const all = sortedRows([...own, ...former]);
  return { text: tableText(all), own, all };
};

const saysAll = ({ before, rows }: { before: readonly Row[]; rows: readonly Row[] }): boolean => {
  const there = new Set(before);
  const others = rows.filter((row) => !there.has(row));
  if (others.length === 0) return true;
  const known = new Map(before.map((row) => [rowKey(row), row]));
  return others.every((row) => {
    const found = known.get(rowKey(row));
    return found !== undefined && isSameRow(row, withColumnsOf(found, row));
  });
};

const withColumnsOf = (row: Row, { cells }: Row): Row => ({
  ...row,
  cells: Object.fromEntries(Object.keys(cells).map((column) => [column, row.cells[column] ?? ''])),
});
