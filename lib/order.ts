/** By code unit, so that the order is the same on every machine. */
export const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/**
 * An object whose keys stand in their order, by code unit, whatever order they came in: Nomad writes the keys of a map in
 * another order in each answer. JavaScript puts keys that are whole numbers first, by size, which is as steady. A key named
 * `__proto__` stays an ordinary key.
 */
export const inKeyOrder = <T>(entries: readonly (readonly [string, T])[]): Record<string, T> =>
  Object.fromEntries(entries.toSorted(([a], [b]) => compare(a, b)));
