import { exactJson } from '../../exact-json.ts';
import { toTagged, VrlTimestamp, type VrlValue } from '../../vrl/values.ts';
import { isVrlObject } from '../event.ts';
import { textOfBytes } from '../text-of-bytes.ts';

/** How the values of one field become one. `last` is the name of the field in which a span of time ends. */
export type Merger = {
  /** A value that it has no place for changes nothing. */
  add(value: VrlValue): void;
  value(): VrlValue;
  last?(): VrlValue;
};

/**
 * What merges a field whose first value is this one, by the strategy that Vector's option names. Undefined where the strategy refuses
 * the value: the next event may bring one that it takes.
 *
 * @source https://vector.dev/docs/reference/configuration/transforms/reduce/#merge_strategies
 */
export const mergerOf = (strategy: MergeStrategy, first: VrlValue): Merger | undefined => STRATEGIES[strategy](first);

/** Of a field that no strategy names, by the type of its first value. */
export const defaultMerger = (first: VrlValue): Merger => {
  if (isNumeric(first)) return folded(first, sum);
  if (first instanceof VrlTimestamp) return span(first);
  return kept(first);
};

export const MERGE_STRATEGIES = [
  'discard',
  'retain',
  'sum',
  'max',
  'min',
  'array',
  'concat',
  'concat_newline',
  'concat_raw',
  'shortest_array',
  'longest_array',
  'flat_unique',
] as const;
export type MergeStrategy = (typeof MERGE_STRATEGIES)[number];

type Numeric = bigint | number;
type List = readonly VrlValue[];
type Text = string | Uint8Array;

const isNumeric = (value: VrlValue): value is Numeric => typeof value === 'bigint' || typeof value === 'number';
const isList = (value: VrlValue): value is List => Array.isArray(value);
const isText = (value: VrlValue): value is Text => typeof value === 'string' || value instanceof Uint8Array;

const kept = (first: VrlValue): Merger => ({ add: () => {}, value: () => first });

const retained = (first: VrlValue): Merger => {
  let last = first;
  return {
    add: (value) => {
      if (value !== null) last = value;
    },
    value: () => last,
  };
};

const folded = (first: Numeric, join: (a: Numeric, b: Numeric) => Numeric): Merger => {
  let all = first;
  return {
    add: (value) => {
      if (isNumeric(value)) all = join(all, value);
    },
    value: () => all,
  };
};

const sum = (a: Numeric, b: Numeric): Numeric =>
  typeof a === 'bigint' && typeof b === 'bigint' ? BigInt.asIntN(64, a + b) : Number(a) + Number(b);

/** A number is replaced only by one that goes beyond it, and keeps its own type till then. */
const beyond =
  (isBeyond: (next: number, all: number) => boolean, isBeyondInt: (next: bigint, all: bigint) => boolean) =>
  (all: Numeric, next: Numeric): Numeric => {
    if (typeof all === 'bigint' && typeof next === 'bigint') return isBeyondInt(next, all) ? next : all;
    if (!isBeyond(Number(next), Number(all))) return all;
    return Number(next);
  };

const largest = beyond(
  (next, all) => next > all,
  (next, all) => next > all,
);
const smallest = beyond(
  (next, all) => next < all,
  (next, all) => next < all,
);

const span = (first: VrlTimestamp): Merger => {
  let last = first;
  return {
    add: (value) => {
      if (value instanceof VrlTimestamp) last = value;
    },
    value: () => first,
    last: () => last,
  };
};

const joined = (first: Text, between: string): Merger => {
  const parts: Buffer[] = [bytesOf(first)];
  return {
    add: (value) => {
      if (isText(value)) parts.push(Buffer.from(between), bytesOf(value));
    },
    value: () => textOfBytes(Buffer.concat(parts)),
  };
};

const bytesOf = (text: Text): Buffer => Buffer.from(text as Uint8Array);

const listed = (first: List, isFlat: boolean): Merger => {
  const all = [...first];
  return {
    add: (value) => {
      for (const item of isFlat && isList(value) ? value : [value]) all.push(item);
    },
    value: () => all,
  };
};

const chosen = (first: List, isBetter: (next: List, all: List) => boolean): Merger => {
  let best = first;
  return {
    add: (value) => {
      if (isList(value) && isBetter(value, best)) best = value;
    },
    value: () => best,
  };
};

/** Vector gives them in no order. */
const unique = (first: VrlValue): Merger => {
  const all = new Map<string, VrlValue>();
  const add = (value: VrlValue): void => {
    const items: List = isList(value) ? value : isVrlObject(value) ? Object.values(value) : [value];
    for (const item of items) all.set(exactJson(toTagged(item)) ?? '', item);
  };
  add(first);
  return { add, value: () => [...all.values()] };
};

const only =
  <Type extends VrlValue>(isType: (value: VrlValue) => value is Type, make: (value: Type) => Merger) =>
  (first: VrlValue): Merger | undefined =>
    isType(first) ? make(first) : undefined;

const STRATEGIES: Readonly<Record<MergeStrategy, (first: VrlValue) => Merger | undefined>> = {
  discard: kept,
  retain: retained,
  sum: only(isNumeric, (first) => folded(first, sum)),
  max: only(isNumeric, (first) => folded(first, largest)),
  min: only(isNumeric, (first) => folded(first, smallest)),
  array: (first) => listed([first], false),
  concat: (first) => (isList(first) ? listed(first, true) : only(isText, (text) => joined(text, ' '))(first)),
  concat_newline: only(isText, (first) => joined(first, '\n')),
  concat_raw: only(isText, (first) => joined(first, '')),
  shortest_array: only(isList, (first) => chosen(first, (next, all) => next.length < all.length)),
  longest_array: only(isList, (first) => chosen(first, (next, all) => next.length > all.length)),
  flat_unique: unique,
};
