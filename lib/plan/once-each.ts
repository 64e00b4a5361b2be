import { describeError } from '../errors.ts';

/** `a, b, c and 497 more`, each name once. */
export const firstOf = (names: readonly string[], most = 3): string => {
  const apart = [...new Set(names)];
  const isAll = apart.length === names.length && names.length <= most + 1;
  const shown = isAll ? apart.slice(0, -1) : apart.slice(0, most);
  const last = isAll ? apart.at(-1) : `${names.length - shown.length} more`;
  return [shown.join(', '), last].filter((part) => part !== '').join(' and ');
};

/**
 * What is told of many tasks in the same words, once, under the names of the first few. Ids of components and allocations in it make no
 * difference. Pure.
 */
export const onceEach = <T extends { heading: string }>(list: readonly T[]): T[] => {
  const found = new Map<string, { one: T; headings: string[] }>();
  for (const one of list) {
    const words = withoutIds(JSON.stringify({ ...one, key: '', heading: '' }, whole));
    const same = found.get(words);
    if (same === undefined) found.set(words, { one, headings: [one.heading] });
    else same.headings.push(one.heading);
  }
  return [...found.values()].map(({ one, headings }) => ({ ...one, heading: firstOf(headings) }));
};

const whole = (_: string, value: unknown): unknown => (value instanceof Error ? describeError(value) : value);

/** The stems of tasks, the ids of pipelines and of allocations, and the digests of all, which no two of them share. */
const IDS =
  /nvl_[0-9a-f]{8}_[a-z0-9_]*?_[0-9a-f]{8}|nvl_[a-z0-9_]*?_[0-9a-f]{8}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<=graph\.node_attributes\.nvl = ")[0-9a-f]{8}/g;

export const withoutIds = (text: string): string => text.replaceAll(IDS, '{id}');

/** Ids in one line for each reason: `what` says it of the ids together and of all that have it. */
export const onceForReason = <T extends { id: string; why: string }>(
  list: readonly T[],
  what: (told: { ids: string; list: readonly T[]; why: string }) => string,
): string[] => {
  const byReason = Map.groupBy(list, ({ why }) => why);
  return [...byReason].map(([why, ones]) => what({ ids: firstOf(ones.map(({ id }) => id)), list: ones, why }));
};
