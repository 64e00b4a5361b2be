import type { Row } from './row.ts';
import { readTable } from './table.ts';

/** A table that was read, and its rows. */
export type KnownTable = { text: string; rows: readonly Row[] };

/**
 * The rows of a table, or of the last one that was whole: what a row says of a task that Nomad does not list any more is known
 * from nowhere else, and a cleaner of old files must not cost that task its labels. A text that says what the last one said is
 * not taken apart again: its rows are the same objects.
 */
export const knownRows = ({
  table,
  memory,
}: {
  table: string | undefined;
  memory: { table?: KnownTable };
}): readonly Row[] => {
  if (table !== undefined && table !== memory.table?.text) {
    const found = readTable(table);
    if ('rows' in found) memory.table = { text: table, rows: found.rows };
  }
  return memory.table?.rows ?? [];
};
