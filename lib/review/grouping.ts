import type { Grouping } from '../plan/regrouped.ts';
import { whereWritten } from '../render/where-written.ts';
import type { ReviewSide } from './side.ts';

/** Which tasks share a pipeline on one side, and where its templates say so; `side` stands behind each place. */
export const groupingOf = ({ templates, rendered: { rows, deciders } }: ReviewSide, side = ''): Grouping => ({
  rows,
  deciders,
  placeOf: (decider) => {
    const at = whereWritten({ decider, templates });
    return at === undefined ? undefined : `${at}${side}`;
  },
});
