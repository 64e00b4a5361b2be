import { type Row, rowKey } from '../pipelines/row.ts';

/**
 * The rows with what their labels were before an edit: until Vector has taken the new labels, the old ones go on reading the
 * table that is there, which is the new one by then. Pure.
 */
export const withLeavingColumns = ({
  rows,
  before,
}: {
  rows: readonly Row[];
  /** Those of the live table. */
  before: readonly Row[];
}): Row[] => {
  const known = new Map(before.map((row) => [rowKey(row), row]));
  return rows.map((row) => {
    const same = known.get(rowKey(row));
    if (same === row) return row;
    const old = same?.cells ?? {};
    const leaving = Object.keys(old).filter((column) => old[column] !== '' && !Object.hasOwn(row.cells, column));
    return leaving.length === 0
      ? row
      : {
          ...row,
          cells: { ...Object.fromEntries(leaving.map((column) => [column, old[column] ?? ''])), ...row.cells },
        };
  });
};
