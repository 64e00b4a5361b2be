import type { Row } from './row.ts';
import { readTable } from './table.ts';

/**
 * The rows of a table, or of the last one that was whole: what a row says of a task that Nomad does not list any more is known
 * from nowhere else, and a cleaner of old files must not cost that task its labels.
 */
export const knownRows = ({
  table,
  memory,
}: {
  table: string | undefined;
  memory: { rows?: readonly Row[] };
}): readonly Row[] => {
  const found = readTable(table ?? '');
  if ('rows' in found) memory.rows = found.rows;
  return memory.rows ?? [];
};
