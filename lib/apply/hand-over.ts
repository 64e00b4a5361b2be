import type { CycleDeps, Looked } from '../cycle-deps.ts';
import { messageOf } from '../errors.ts';
import { handPositions } from '../files/hand-positions.ts';
import { movesBetween } from '../pipelines/moves.ts';
import type { Row } from '../pipelines/row.ts';

/** A source that is about to start reads on where the pipelines are that its tasks come from. */
export const handOver = ({
  added,
  rows,
  seats,
  deps: { dataDir, logAccess, log },
}: {
  /** The ids of the sources that Vector does not run. */
  added: readonly string[];
  rows: readonly Row[];
  deps: CycleDeps;
} & Pick<Looked, 'seats'>): void => {
  if (dataDir === undefined || added.length === 0) return;
  const moves = movesBetween({ seats, rows });
  for (const pipeline of added) {
    const from = [...new Set(moves.flatMap((move) => (move.to === pipeline ? [move.from] : [])))];
    try {
      handPositions({ dataDir, pipeline, from, isOwn: (key) => logAccess.owns(key) });
    } catch (error) {
      log.error({ pipeline, said: messageOf(error) }, UNHANDED);
    }
  }
};

const UNHANDED =
  'a pipeline starts without the positions of the one before it, since Vector’s data folder takes nothing from nvl: lines that were delivered come again';
