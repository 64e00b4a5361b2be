import type { PositionsOf } from '../files/checkpoints.ts';
import type { LogAccess } from '../files/log-access.ts';
import { type Move, movesBetween, type Seats } from '../pipelines/moves.ts';
import type { Row } from '../pipelines/row.ts';
import { isSameRow } from '../pipelines/same-row.ts';

/**
 * The rows with what of their files need not be sent again: a task that goes to a pipeline that Vector runs already is read
 * there from its start, since a source keeps its positions in memory; what another pipeline delivered is left out by
 * offset. A pipeline that is about to start gets the positions themselves (lib/files/hand-positions.ts). A row that says what
 * the task's live one says is that object.
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
  const next: Row[] = [];
  for (const row of rows) {
    const seat = seats.get(row.stem);
    const move = moves.get(row.stem);
    if (move === undefined) next.push(asBefore({ row: withSkip(row, seat?.skip), seat }));
    else if (!isRunning(move.to)) next.push(row);
    else next.push(withSkip(row, await delivered({ move, before: seat?.skip, logAccess, positionsOf })));
  }
  return next;
};

const withSkip = (row: Row, skip: Row['skip'] = {}): Row => (Object.keys(skip).length === 0 ? row : { ...row, skip });

/** One that says what the live one says is the live one: nobody has to look into it again. */
const asBefore = ({ row, seat }: { row: Row; seat: Row | undefined }): Row =>
  seat !== undefined && isSameRow(row, seat) ? seat : row;

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
