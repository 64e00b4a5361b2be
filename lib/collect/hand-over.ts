import type { PositionsOf } from '../files/checkpoints.ts';
import type { LogAccess } from '../files/log-access.ts';
import { type Move, movesBetween, type Seats } from '../pipelines/moves.ts';
import type { Row } from '../pipelines/row.ts';

/**
 * The rows with what of their files need not be sent again: a task that goes to a pipeline that Vector runs already is read
 * there from its start, since a source keeps its positions in memory; what another pipeline delivered is left out by
 * offset. A pipeline that is about to start gets the positions themselves (lib/files/hand-positions.ts).
 */
export const withSkips = async ({
  rows,
  seats,
  isRunning,
  logAccess,
  positionsOf,
}: {
  rows: readonly Row[];
  seats: Seats;
  isRunning: (pipeline: string) => boolean;
  logAccess: Pick<LogAccess, 'linkedOf'>;
  positionsOf: PositionsOf;
}): Promise<readonly Row[]> => {
  const moves = new Map(movesBetween({ seats, rows }).map((move) => [move.stem, move]));
  return Promise.all(
    rows.map(async (row) => {
      const before = seats.get(row.stem)?.skip;
      const move = moves.get(row.stem);
      if (move === undefined) return before === undefined ? row : { ...row, skip: before };
      if (!isRunning(move.to)) return row;
      const skip = await delivered({ move, before, logAccess, positionsOf });
      return Object.keys(skip).length === 0 ? row : { ...row, skip };
    }),
  );
};

const delivered = async ({
  move: { stem, from },
  before = {},
  logAccess,
  positionsOf,
}: {
  move: Move;
  before: Row['skip'];
  logAccess: Pick<LogAccess, 'linkedOf'>;
  positionsOf: PositionsOf;
}): Promise<Record<string, string>> => {
  const positions = await positionsOf(from);
  return Object.fromEntries(
    logAccess.linkedOf({ id: stem }).flatMap(({ key, file }) => {
      const [read, left] = [positions.get(key) ?? 0n, BigInt(before[file] ?? 0)];
      const position = read > left ? read : left;
      return position === 0n ? [] : [[file, String(position)]];
    }),
  );
};
