/** A stretch of two lists, each from its first index to before its last. */
export type Stretch = { first: readonly [from: number, to: number]; second: readonly [from: number, to: number] };

/**
 * Pairs of equal texts that stand but once in either list, in the order of both, and the stretches between them. What is in a pair is the same
 * for certain, so that only the stretches have to be compared line by line. Pure.
 */
export const anchorsOf = (
  first: readonly string[],
  second: readonly string[],
): { pairs: readonly (readonly [number, number])[]; between: readonly Stretch[] } => {
  const pairs = longestInOrder(uniqueIn(first, second));
  const ends = [...pairs, [first.length, second.length] as const];
  const between = ends.map(([one, other], index): Stretch => {
    const [before, otherBefore] = ends[index - 1] ?? [-1, -1];
    return { first: [before + 1, one], second: [otherBefore + 1, other] };
  });
  return { pairs, between };
};

type Pair = readonly [first: number, second: number];

/** By the first list's order. */
const uniqueIn = (first: readonly string[], second: readonly string[]): Pair[] => {
  const others = placesOfTexts(second);
  return [...placesOfTexts(first)].flatMap(([text, index]): Pair[] => {
    const other = others.get(text);
    return index === undefined || other === undefined ? [] : [[index, other]];
  });
};

/** Where each text stands; undefined for one that stands twice, or says too little. */
const placesOfTexts = (texts: readonly string[]): Map<string, number | undefined> => {
  const places = new Map<string, number | undefined>();
  for (const [index, text] of texts.entries())
    places.set(text, places.has(text) || text.length < LEAST_CHARACTERS ? undefined : index);
  return places;
};

const LEAST_CHARACTERS = 8;

/** The most pairs whose second indexes rise as the first do. */
const longestInOrder = (pairs: readonly Pair[]): Pair[] => {
  /** By length, the end of a row with the least second index; each knows the one before it. */
  const ends: number[] = [];
  const before: (number | undefined)[] = [];
  for (const [index, [, second]] of pairs.entries()) {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pairs[ends[middle] as number]?.[1] ?? 0) < second) low = middle + 1;
      else high = middle;
    }
    before.push(low === 0 ? undefined : ends[low - 1]);
    ends[low] = index;
  }
  const row: Pair[] = [];
  for (let at = ends.at(-1); at !== undefined; at = before[at]) row.push(pairs[at] as Pair);
  return row.reverse();
};
