import { equalNames, withEqualNames } from './place/equal-names.ts';
import type { Places } from './place/place.ts';
import type { Fault, SkeletonPlan } from './place/plan.ts';
import { planSkeleton, type Read, readSkeleton, valuesInNames } from './place/skeleton.ts';
import type { Run } from './run/collector.ts';
import type { Marks } from './run/marks.ts';

/**
 * What a caller makes of a rendered text. `isSound`: the verdict holds for each text that differs from this one in plain
 * values alone.
 */
export type Verdict = { isSound: boolean };

/**
 * What was found out about a skeleton (the rendered text with placeholders): where its values stand, whether a text of it
 * read back, and the verdicts on its texts.
 */
export type Known<V extends Verdict> = {
  plan: SkeletonPlan;
  /** One text of it was read back, and was right. */
  isVerified: boolean;
  /** The same of a text in which some values are columns. */
  hasVerifiedColumns: boolean;
  /** Of texts with plain values, by what else a verdict depends on. */
  verdicts: Map<string, V>;
};

type Entry<V extends Verdict> = {
  valuesInNames: readonly number[];
  /** How many of the template's values the text holds, each once or more. */
  count: number;
  /** The values it holds are the first ones, none between them missing. */
  isWhole: boolean;
  known: Map<string, Known<V> | { faults: Fault[] }>;
  /** The text as it was read to make the entry, for its first plan. */
  read: Read | undefined;
};

const MOST_SKELETONS = 100;
/** Of one skeleton, by which of its names are equal. */
const MOST_PLANS = 20;
/** Of one plan. */
const MOST_VERDICTS = 1_000;

/**
 * All that is remembered of one template, so that what depends on the skeleton alone (the rendered text with placeholders)
 * is found out once for all tasks that share it: the place of each value, that a text of it reads back, and the verdicts of
 * the caller's judge. It keeps the last 100 skeletons.
 */
export const createMemo = <V extends Verdict>(places: Places) => {
  const entries = new Map<string, Entry<V>>();
  let newest: Entry<V> | undefined;

  const entryOf = (text: string, marks: Marks): Entry<V> => {
    const kept = entries.get(text);
    if (kept !== undefined && kept === newest) return kept;
    newest = kept ?? createEntry(text, marks);
    if (kept) entries.delete(text);
    entries.set(text, newest);
    if (entries.size > MOST_SKELETONS) entries.delete(entries.keys().next().value as string);
    return newest;
  };

  return {
    /** What is known of a skeleton, or why it can carry no values; the first time, this finds it out. */
    find: (text: string, { marks, values }: Run): Known<V> | { faults: Fault[] } => {
      const entry = entryOf(text, marks);
      if (!entry.isWhole || entry.count !== values.length) return { faults: [lostValue(text, marks, values.length)] };
      const valueIndexes = entry.valuesInNames;
      const equals = equalNames(valueIndexes, values);
      const id = equals.join();
      let known = entry.known.get(id);
      if (known === undefined) {
        const plain = withEqualNames({ text, marks, valueIndexes, equals });
        const found = planSkeleton(plain === text && entry.read ? entry.read : readSkeleton(plain), marks, places);
        entry.read = undefined;
        known = Array.isArray(found)
          ? { faults: found }
          : { plan: found, isVerified: false, hasVerifiedColumns: false, verdicts: new Map() };
        if (entry.known.size >= MOST_PLANS) entry.known.clear();
        entry.known.set(id, known);
      }
      return known;
    },

    /** The sound verdict on a text with the same key, else what `ask` says. */
    verdictOf: ({ known: { verdicts }, key, ask }: { known: Known<V>; key: string; ask: () => V }): V => {
      const kept = verdicts.get(key);
      if (kept !== undefined) return kept;
      const verdict = ask();
      if (!verdict.isSound) return verdict;
      if (verdicts.size >= MOST_VERDICTS) verdicts.clear();
      verdicts.set(key, verdict);
      return verdict;
    },
  };
};

const createEntry = <V extends Verdict>(text: string, marks: Marks): Entry<V> => {
  const valueIndexes = new Set(marks.all(text).map(({ valueIndex }) => valueIndex));
  const read = readSkeleton(text);
  return {
    read,
    valuesInNames: valuesInNames(read, marks),
    count: valueIndexes.size,
    isWhole: [...valueIndexes].every((valueIndex) => valueIndex < valueIndexes.size),
    known: new Map(),
  };
};

const lostValue = (text: string, marks: Marks, count: number): Fault => {
  const held = new Set(marks.all(text).map(({ valueIndex }) => valueIndex));
  const valueIndex = Array.from({ length: count }, (_, index) => index).find((index) => !held.has(index));
  const why =
    'a helper around it took away a part of the text; helpers work on values, as in {{upper name}}, not on blocks';
  return { place: 'template', why, ...(valueIndex !== undefined && { valueIndex }) };
};
