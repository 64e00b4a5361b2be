import type { Places } from './place/place.ts';
import type { Fault, Plan } from './place/plan.ts';
import { planSkeleton, putsInNames, type Read, readSkeleton } from './place/skeleton.ts';
import type { Marks } from './run/marks.ts';

/** What is known of a skeleton whose names are equal to each other in one certain way. */
export type Known = { plan: Plan; isVerified: boolean } | { faults: Fault[] };

type Entry = {
  putsInNames: readonly number[];
  /** How many values it holds, each once or more, and whether they are the first ones that were put. */
  count: number;
  isWhole: boolean;
  plans: Map<string, Known>;
  /** The text as it was read to make the entry, for its first plan. */
  read: Read | undefined;
};

const mostKept = 100;
const mostPlans = 20;

/** Finds places once per skeleton: keeps the plans of the last 100 of a template. */
export const createSkeletons = (places: Places) => {
  const entries = new Map<string, Entry>();
  let newest: Entry | undefined;

  const entryOf = (text: string, marks: Marks): Entry => {
    const kept = entries.get(text);
    if (kept !== undefined && kept === newest) return kept;
    newest = kept ?? createEntry(text, marks);
    if (kept) entries.delete(text);
    entries.set(text, newest);
    if (entries.size > mostKept) entries.delete(entries.keys().next().value as string);
    return newest;
  };

  return {
    find: (text: string, marks: Marks, values: readonly unknown[]): Known => {
      const entry = entryOf(text, marks);
      if (!entry.isWhole || entry.count !== values.length) return { faults: [lostValue(text, marks, values.length)] };
      const equals = equalNames(entry.putsInNames, values);
      const id = equals.join();
      let known = entry.plans.get(id);
      if (!known) {
        const plain = withEqualNames(text, marks, entry.putsInNames, equals);
        const found = planSkeleton(plain === text && entry.read ? entry.read : readSkeleton(plain), marks, places);
        entry.read = undefined;
        if (entry.plans.size >= mostPlans) entry.plans.clear();
        known = Array.isArray(found) ? { faults: found } : { plan: found, isVerified: false };
        entry.plans.set(id, known);
      }
      return known;
    },
  };
};

const createEntry = (text: string, marks: Marks): Entry => {
  const puts = new Set(marks.all(text).map(({ put }) => put));
  const read = readSkeleton(text);
  return {
    read,
    putsInNames: putsInNames(read, marks),
    count: puts.size,
    isWhole: [...puts].every((put) => put < puts.size),
    plans: new Map(),
  };
};

const lostValue = (text: string, marks: Marks, count: number): Fault => {
  const held = new Set(marks.all(text).map(({ put }) => put));
  const put = Array.from({ length: count }, (_, index) => index).find((index) => !held.has(index));
  const why =
    'a helper around it took away a part of the text; helpers work on values, as in {{upper name}}, not on blocks';
  return { place: 'template', why, ...(put !== undefined && { put }) };
};

/**
 * For each value in a name the first one that is its equal: TOML merges `[transforms.a]` with `[transforms.a.b]`, so
 * values that make one name must be one placeholder, or the skeleton's tree would be another than the text's.
 */
const equalNames = (puts: readonly number[], values: readonly unknown[]): readonly number[] => {
  if (puts.length < 2) return puts;
  const texts = puts.map((put) => String(values[put]));
  return texts.map((text) => puts[texts.indexOf(text)] as number);
};

const withEqualNames = (text: string, marks: Marks, puts: readonly number[], equals: readonly number[]): string =>
  puts.reduce(
    (result, put, index) =>
      put === equals[index] ? result : result.replaceAll(marks.of(put), marks.of(equals[index] as number)),
    text,
  );
