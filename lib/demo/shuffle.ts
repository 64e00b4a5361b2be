import type { Random } from './random.ts';

/**
 * The same data with the keys of each of its objects in another order, as in Nomad's answers: Go walks a map from another
 * place each time. Lists stay as they are.
 */
export const shuffleKeys = <T>(value: T, random: Random): T => shuffled(value, random) as T;

const shuffled = (value: unknown, random: Random): unknown => {
  if (Array.isArray(value)) return value.map((item) => shuffled(item, random));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  for (let last = entries.length - 1; last > 0; last -= 1) {
    const other = random.between(0, last);
    [entries[last], entries[other]] = [entries[other] as [string, unknown], entries[last] as [string, unknown]];
  }
  return Object.fromEntries(entries.map(([key, item]) => [key, shuffled(item, random)]));
};
