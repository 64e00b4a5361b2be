export type Random = {
  next: () => number;
  isLikely: (chance: number) => boolean;
  oneOf: <One>(list: readonly One[]) => One;
};

/** The same numbers for the same seed: Mulberry32. */
export const createRandom = (seed: number): Random => {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    next,
    isLikely: (chance) => next() < chance,
    oneOf: (list) => list[Math.floor(next() * list.length)] as (typeof list)[number],
  };
};
