import type { Row } from './row.ts';

/** Where tasks are until now, by their stems. */
export type Seats = ReadonlyMap<string, Row>;

/** A task that goes to another pipeline. */
export type Move = { stem: string; from: string; to: string };

export const movesBetween = ({ seats, rows }: { seats: Seats; rows: readonly Row[] }): Move[] =>
  rows.flatMap(({ stem, pipeline: to }) => {
    const from = seats.get(stem)?.pipeline;
    return from === undefined || from === to ? [] : [{ stem, from, to }];
  });
