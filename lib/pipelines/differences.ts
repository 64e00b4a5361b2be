import { isDeepStrictEqual } from 'node:util';
import type { Decider } from './decider.ts';

/** What decides pipelines, by their ids. */
export type Deciders = ReadonlyMap<string, readonly Decider[]>;

/** A decider that is not the same for all of some pipelines, with its value for each; undefined for one that does not have it. */
export type PipelineDifference = Pick<Decider, 'what' | 'template'> & { values: ReadonlyMap<string, unknown> };

/** What tells pipelines from each other, in the order in which they ask for it. Pure. */
export const differencesBetween = (pipelines: Deciders): PipelineDifference[] => {
  const found = new Map<string, Pick<Decider, 'what' | 'template'> & { values: Map<string, unknown> }>();
  for (const [id, deciders] of pipelines) {
    const times = new Map<string, number>();
    for (const { what, template, value } of deciders) {
      const name = JSON.stringify([template, what]);
      const time = (times.get(name) ?? 0) + 1;
      times.set(name, time);
      // In a round of `#each` the same is asked for again and again.
      const key = `${name} ${time}`;
      const known = found.get(key) ?? { what, template, values: new Map() };
      known.values.set(id, value);
      found.set(key, known);
    }
  }
  const ids = [...pipelines.keys()];
  return [...found.values()].filter(({ values }) => {
    const [first, ...others] = ids.map((id) => values.get(id));
    return others.some((value) => !isDeepStrictEqual(value, first));
  });
};
