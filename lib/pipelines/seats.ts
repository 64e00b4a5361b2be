import type { Seats } from './moves.ts';
import type { Row } from './row.ts';

/** A pipeline that a task has left. */
export type Former = { pipeline: string; leftAt: number };

/** Where tasks are, and where those were that have just moved. */
type Known = Readonly<Record<string, { pipeline?: string; former?: readonly Former[] }>>;

/** How long a pipeline that a task has left may still deliver what it had read of it: its row stays that long. */
const FORMER_MS = 120_000;

/** The rows of the live table: each task's own, and those of pipelines that were left a while ago. Pure. */
export const seatsIn = ({
  rows,
  tasks,
  now,
}: {
  rows: readonly Row[];
  tasks: Known;
  now: number;
}): { seats: Seats; former: Row[] } => {
  const ownOf = ({ stem }: Row): string | undefined => tasks[stem]?.pipeline;
  const isFormer = ({ stem, pipeline }: Row): boolean => {
    const former = tasks[stem]?.former?.find((one) => one.pipeline === pipeline);
    return former !== undefined && isFresh(former, now);
  };
  return {
    // Of a move that Vector did not take there is a row, too.
    seats: new Map(rows.flatMap((row) => ((ownOf(row) ?? row.pipeline) === row.pipeline ? [[row.stem, row]] : []))),
    former: rows.filter((row) => row.pipeline !== ownOf(row) && isFormer(row)),
  };
};

const isFresh = ({ leftAt }: Former, now: number): boolean => now - leftAt < FORMER_MS;

/** What a task has left when it goes from one pipeline to another: one that is left twice was left the second time. */
export const formerAfter = ({
  former = [],
  from,
  to,
  now,
}: {
  former?: readonly Former[] | undefined;
  from: string;
  to: string;
  now: number;
}): Former[] => [
  ...former.filter((one) => one.pipeline !== from && one.pipeline !== to && isFresh(one, now)),
  { pipeline: from, leftAt: now },
];
