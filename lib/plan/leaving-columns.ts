import { type Row, rowKey } from '../pipelines/row.ts';
import { BY_VALUE } from '../render/vector-tables.ts';

/**
 * The rows with what their labels were before an edit: until Vector has taken the new labels, the old ones go on reading the
 * table that is there, which is the new one by then. Pure.
 */
export const withLeavingColumns = ({
  rows,
  before,
  wereByValue,
}: {
  rows: readonly Row[];
  /** Those of the live table. */
  before: readonly Row[];
  /** Pipelines whose labels were made value by value, and are looked up as one object now. */
  wereByValue: ReadonlySet<string>;
}): Row[] => {
  const known = new Map(before.map((row) => [rowKey(row), row]));
  return rows.map((row) => {
    const same = known.get(rowKey(row));
    if (same === undefined) return row;
    const old = wereByValue.has(row.pipeline) ? { ...same.cells, [BY_VALUE]: 'yes' } : same.cells;
    const leaving = Object.keys(old).filter((column) => old[column] !== '' && !Object.hasOwn(row.cells, column));
    return leaving.length === 0
      ? row
      : {
          ...row,
          cells: { ...Object.fromEntries(leaving.map((column) => [column, old[column] ?? ''])), ...row.cells },
        };
  });
};
