import { type Row, rowKey } from '../pipelines/row.ts';
import { CONTAINER_COLUMN } from './containers/container-logs.ts';
import type { Block } from './file.ts';
import type { Pipelines } from './pipelines.ts';

/**
 * The rows of pipelines that their tasks have left, or leave now: of those that are still there, and that the task has not come
 * back to, with the columns that they have now.
 */
export const stillFormer = ({
  rows,
  former,
  seats,
  blocks,
  pipelines,
}: {
  rows: readonly Row[];
  former: readonly Row[];
  seats: ReadonlyMap<string, Row>;
  blocks: readonly Block[];
  pipelines: Pipelines;
}): Row[] => {
  const there = new Set(blocks.map(({ key }) => key));
  const own = new Set(rows.map(rowKey));
  // A task that moves now is still read where it is.
  const left = rows.flatMap(({ stem, pipeline }) => {
    const seat = seats.get(stem);
    return seat === undefined || seat.pipeline === pipeline ? [] : [seat];
  });
  const all = new Map([...former, ...left].map((row) => [rowKey(row), row]));
  return [...all].flatMap(([key, row]) =>
    there.has(row.pipeline) && !own.has(key)
      ? [pipelines.carry(row)].flatMap((one) => (one ? withoutContainer(one) : []))
      : [],
  );
};

/** A container's lines go to where its task is now. What is on its way has its name already. */
const withoutContainer = (row: Row): Row => {
  if (row.cells[CONTAINER_COLUMN] === undefined) return row;
  const { [CONTAINER_COLUMN]: _, ...cells } = row.cells;
  return { ...row, cells };
};
