import type { Seats } from '../pipelines/moves.ts';
import type { Row } from '../pipelines/row.ts';
import type { Block } from '../render/file.ts';
import { columnsOf } from '../render/labels/columns.ts';
import type { Rendered } from '../render/render.ts';

/**
 * What can be done while the file that is rendered can't go live: the live file stays, and a task gets a row of it where its
 * pipeline is there and reads no column that the new one does not have. So what is wrong with a file keeps no new task waiting. Pure.
 */
export const freeze = ({
  rendered: { blocks, rows, former },
  live,
  seats,
  isCollected,
}: {
  rendered: Rendered;
  live: { text: string; blocks: ReadonlyMap<string, Block> };
  seats: Seats;
  isCollected: (stem: string) => boolean;
}): Pick<Rendered, 'text' | 'rows' | 'former'> => {
  const next = new Map(blocks.map((block) => [block.key, block]));
  const fits = ({ pipeline }: Row): boolean => {
    const [now, then] = [live.blocks.get(pipeline), next.get(pipeline)];
    if (now === undefined || then === undefined) return false;
    const known = new Set(columnsOf(then.text).map(({ name }) => name));
    return columnsOf(now.text).every(({ name }) => known.has(name));
  };
  const stays = (row: Row | undefined): Row[] => (row !== undefined && live.blocks.has(row.pipeline) ? [row] : []);
  const known = new Set(rows.map(({ stem }) => stem));
  return {
    text: live.text,
    rows: [
      ...rows.flatMap((row) => (fits(row) ? [row] : stays(seats.get(row.stem)))),
      ...[...seats.values()].filter(({ stem }) => !known.has(stem) && isCollected(stem)).flatMap(stays),
    ],
    former,
  };
};
