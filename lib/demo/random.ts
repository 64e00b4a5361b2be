/** Numbers that look random and are the same for the same seed, so that a demo can be told about and tested. */
export type Random = {
  /** From 0 up to, not including, 1. */
  next: () => number;
  /** A whole number from `min` to `max`, both included. */
  between: (min: number, max: number) => number;
  pick: <T>(values: readonly [T, ...T[]]) => T;
  /** In the form of Nomad's ids. */
  uuid: () => string;
};

export const createRandom = (seed: number): Random => {
  let state = seed >>> 0;
  // Mulberry32: 32 bits of state are plenty for log lines.
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (min: number, max: number) => min + Math.floor(next() * (max - min + 1));
  const hex = (digits: number) => Array.from({ length: digits }, () => between(0, 15).toString(16)).join('');
  return {
    next,
    between,
    pick: (values) => values[between(0, values.length - 1)] ?? values[0],
    uuid: () => [8, 4, 4, 4, 12].map(hex).join('-'),
  };
};
