/** `now`: of what ran when it was recorded. `perDay`: with what else a day brings; undefined where that is not known. */
export type StreamCount = {
  now: number;
  perDay: number | undefined;
  /** The label without which there would be far fewer, and how many then. */
  by: { label: string; without: number } | undefined;
};

/** A set of labels that a task has, or had: `weight` is how many like it come in a day, undefined where that is not known. */
export type LabelSet = {
  labels: ReadonlyMap<string, string>;
  /** Its task still runs. */
  isNow: boolean;
  weight: number | undefined;
};

/** Counts different sets. Pure. */
export const countStreams = (sets: readonly LabelSet[]): StreamCount => {
  const apart = new Map<string, LabelSet>();
  for (const set of sets) {
    const key = keyOf(set.labels);
    // One that is there now is no other when it ends.
    if (!apart.has(key) || set.isNow) apart.set(key, set);
  }
  const different = [...apart.values()];
  const now = different.filter(({ isNow }) => isNow).length;
  const weights = different.filter(({ isNow }) => !isNow).map(({ weight }) => weight);
  return { now, perDay: weights.includes(undefined) ? undefined : now + sum(weights), by: culprit(different) };
};

const keyOf = (labels: ReadonlyMap<string, string>, without?: string): string =>
  JSON.stringify([...labels].filter(([name]) => name !== without));

const sum = (weights: readonly (number | undefined)[]): number =>
  weights.reduce<number>((total, weight) => total + (weight ?? 0), 0);

/** Fewer are few in any case. */
const MANY = 10;

/** `sets`: each once. */
const culprit = (sets: readonly LabelSet[]): StreamCount['by'] => {
  const all = sets.length;
  if (all < MANY) return undefined;
  const names = new Set(sets.flatMap(({ labels }) => [...labels.keys()]));
  const [first] = [...names]
    .map((label) => ({ label, without: new Set(sets.map(({ labels }) => keyOf(labels, label))).size }))
    .sort((a, b) => a.without - b.without);
  return first !== undefined && first.without * 2 <= all ? first : undefined;
};
