import { compare } from '../order.ts';
import { type Decider, deciderText } from '../pipelines/decider.ts';
import { type Deciders, differencesBetween, type PipelineDifference } from '../pipelines/differences.ts';
import type { Row } from '../pipelines/row.ts';

/** The rows of one moment, and where that is known, what decides their pipelines and where a template asks for it. */
export type Grouping = {
  rows: readonly Pick<Row, 'stem' | 'pipeline'>[];
  deciders?: Deciders | undefined;
  placeOf?: ((decider: Pick<Decider, 'what' | 'template'>) => string | undefined) | undefined;
};

export type PipelineSize = { id: string; tasks: number };

/** Pipelines that are split, joined, or left for others by the tasks that are in them. */
export type Regrouped = {
  kind: 'split' | 'joined' | 'moved';
  from: readonly PipelineSize[];
  to: readonly PipelineSize[];
  /** How many tasks are in another pipeline than before. */
  moved: number;
  why: readonly RegroupReason[];
};

/** `at`: the template's `path:line`. `isGone`: it was asked for before, and told them apart. */
export type RegroupReason = { text: string; at: string | undefined; isGone: boolean };

/**
 * Which pipelines a change splits or joins, and why; tasks that come or go count for nothing. Pure, sorted by the first
 * pipeline of each.
 */
export const regroupedBetween = ({ before, after }: { before: Grouping; after: Grouping }): Regrouped[] => {
  const next = new Map(after.rows.map(({ stem, pipeline }) => [stem, pipeline]));
  // A task that has just moved has a row in both of its pipelines.
  const old = new Map<string, string>();
  for (const { stem, pipeline } of before.rows)
    if (!old.has(stem) || next.get(stem) === pipeline) old.set(stem, pipeline);
  const tasks = [...old].flatMap(([stem, from]) => {
    const to = next.get(stem);
    return to === undefined ? [] : [{ from, to }];
  });
  return connected(tasks)
    .filter((group) => group.some(({ from, to }) => from !== to))
    .map((group): Regrouped => {
      const [from, to] = [sizes(group.map((one) => one.from)), sizes(group.map((one) => one.to))];
      return {
        kind: from.length > 1 ? (to.length > 1 ? 'moved' : 'joined') : to.length > 1 ? 'split' : 'moved',
        from,
        to,
        moved: group.filter((one) => one.from !== one.to).length,
        why: reasons({ before, after, from, to }),
      };
    })
    .sort((a, b) => compare(a.from[0]?.id ?? '', b.from[0]?.id ?? ''));
};

type Seat = { from: string; to: string };

/** The tasks whose pipelines have anything to do with each other, each group by itself. */
const connected = (tasks: readonly Seat[]): Seat[][] => {
  const groups: { names: Set<string>; tasks: Seat[] }[] = [];
  for (const [, same] of Map.groupBy(tasks, ({ from, to }) => `${from} ${to}`)) {
    const { from, to } = same[0] as Seat;
    const names = [`from ${from}`, `to ${to}`];
    const touched = groups.filter((group) => names.some((name) => group.names.has(name)));
    const [first = { names: new Set<string>(), tasks: [] }, ...others] = touched;
    if (touched.length === 0) groups.push(first);
    for (const name of names) first.names.add(name);
    first.tasks.push(...same);
    for (const other of others) {
      for (const name of other.names) first.names.add(name);
      first.tasks.push(...other.tasks);
      groups.splice(groups.indexOf(other), 1);
    }
  }
  return groups.map((group) => group.tasks);
};

const sizes = (ids: readonly string[]): PipelineSize[] =>
  [...Map.groupBy(ids, (id) => id)]
    .map(([id, tasks]) => ({ id, tasks: tasks.length }))
    .sort((a, b) => b.tasks - a.tasks || compare(a.id, b.id));

/** What tells the new ones apart, and what told the old ones; where there is one of each, what differs between the two. */
const reasons = ({
  before,
  after,
  from,
  to,
}: {
  before: Grouping;
  after: Grouping;
  from: readonly PipelineSize[];
  to: readonly PipelineSize[];
}): RegroupReason[] => {
  const [was, is] = [decidersOf(before, from), decidersOf(after, to)];
  const tell = ({ difference, side, isGone }: { difference: PipelineDifference; side: Grouping; isGone: boolean }) => ({
    text: difference.what,
    at: side.placeOf?.(difference),
    isGone,
  });
  if (from.length === 1 && to.length === 1) {
    const [[, old] = [], [, now] = []] = [[...was][0] ?? [], [...is][0] ?? []];
    if (old === undefined || now === undefined) return [];
    return differencesBetween(
      new Map([
        ['old', old],
        ['now', now],
      ]),
    ).map((difference) => {
      const isGone = difference.values.get('now') === undefined;
      const one = tell({ difference, side: isGone ? before : after, isGone });
      return isGone ? one : { ...one, text: deciderText({ ...difference, value: difference.values.get('now') }) };
    });
  }
  const apart = differencesBetween(is).map((difference) => tell({ difference, side: after, isGone: false }));
  const wereApart = differencesBetween(was).map((difference) => tell({ difference, side: before, isGone: true }));
  const still = new Set(apart.map(({ text }) => text));
  return [...apart, ...wereApart.filter(({ text }) => !still.has(text))];
};

const decidersOf = ({ deciders }: Grouping, pipelines: readonly PipelineSize[]): Deciders =>
  new Map(
    pipelines.flatMap(({ id }) => {
      const known = deciders?.get(id);
      return known === undefined ? [] : [[id, known]];
    }),
  );
