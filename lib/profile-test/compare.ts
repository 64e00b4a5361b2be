import { exactJson, isNumber, isSameNumber } from '../exact-json.ts';
import type { Event, Expected, ExpectedEvent } from './case.ts';
import { fitsMatcher, isMatcher, showMatcher } from './matchers.ts';

/** How one event differs from what was expected; `number` counts from 1. */
export type Difference =
  | { kind: 'fields'; number: number; rows: readonly FieldDifference[] }
  /** Expected, and not there. */
  | { kind: 'missing'; number: number; rows: readonly FieldDifference[] }
  /** There, and not expected. */
  | { kind: 'unexpected'; number: number; rows: readonly FieldDifference[] };

/** One field, `a.b` for one inside another, as JSON; undefined where it is not there. */
export type FieldDifference = { field: string; expected: string | undefined; actual: string | undefined };

/** From before a run's first read to after its last, in ms: a timestamp in it comes from reading, not from a line. */
export type ReadTimes = { fromMs: number; toMs: number };

/** Compares the events of a case in their order. Only what is named counts, unless the case is exact. Pure. */
export const compareEvents = ({
  expected,
  actual,
  isExact,
  readTimes,
}: {
  expected: readonly ExpectedEvent[];
  actual: readonly Event[];
  isExact: boolean;
  readTimes: ReadTimes;
}): Difference[] => {
  const differences: Difference[] = [];
  for (let index = 0; index < Math.max(expected.length, actual.length); index += 1) {
    const [wanted, event] = [expected[index], actual[index]];
    const number = index + 1;
    if (event === undefined) differences.push({ kind: 'missing', number, rows: rowsOf(wanted ?? {}, 'expected') });
    else if (wanted === undefined) {
      differences.push({ kind: 'unexpected', number, rows: rowsOf(ownFields({ event, readTimes }), 'actual') });
    } else {
      const rows = [
        ...fieldRows({ wanted, event }),
        ...(isExact ? unnamedRows({ wanted, event: ownFields({ event, readTimes }) }) : []),
      ];
      if (rows.length > 0) differences.push({ kind: 'fields', number, rows });
    }
  }
  return differences;
};

/**
 * The fields that come from the line and its profile: without the labels, which are nvl's, and without what the file
 * source says of itself, a time of reading included.
 */
export const ownFields = ({ event, readTimes }: { event: Event; readTimes: ReadTimes }): Event =>
  Object.fromEntries(
    Object.entries(event).filter(
      ([name, value]) => !NOT_OWN.has(name) && !(name === 'timestamp' && isReadTime({ value, readTimes })),
    ),
  );

const NOT_OWN: ReadonlySet<string> = new Set(['file', 'host', 'source_type', 'nomad']);

/** Whether a value is a time at which the run's lines were read. */
export const isReadTime = ({
  value,
  readTimes: { fromMs, toMs },
}: {
  value: unknown;
  readTimes: ReadTimes;
}): boolean => {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return ms >= fromMs && ms <= toMs;
};

/** A value as a report shows it. */
export const printValue = (value: unknown): string | undefined =>
  isMatcher(value) ? showMatcher(value) : exactJson(withShownMatchers(value));

/** A matcher inside of a list or an object is shown as a text. */
const withShownMatchers = (value: unknown): unknown => {
  if (isMatcher(value)) return showMatcher(value);
  if (Array.isArray(value)) return value.map(withShownMatchers);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withShownMatchers(item)]));
};

/** Whether a value is what is expected of it; `undefined` stands for a field that is not there. */
export const fits = ({ wanted, value }: { wanted: Expected; value: unknown }): boolean => {
  if (isMatcher(wanted)) return fitsMatcher({ matcher: wanted, value });
  if (isNumber(wanted)) return isNumber(value) && isSameNumber(wanted, value);
  if (Array.isArray(wanted)) {
    if (!Array.isArray(value) || value.length !== wanted.length) return false;
    return wanted.every((item, index) => fits({ wanted: item, value: value[index] }));
  }
  if (!isObject(wanted)) return wanted === value;
  return (
    isObject(value) &&
    Object.entries(wanted).every(([name, item]) => fits({ wanted: item, value: fieldOf(value, name) }))
  );
};

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isMatcher(value);

const fieldOf = (object: Fields, name: string): unknown => (Object.hasOwn(object, name) ? object[name] : undefined);

/** Where both sides are objects, only the fields inside that differ are worth a row. */
const fieldRows = ({
  wanted,
  event,
  prefix = '',
}: {
  wanted: Readonly<Record<string, Expected>>;
  event: Fields;
  prefix?: string;
}): FieldDifference[] =>
  Object.entries(wanted).flatMap(([name, item]): FieldDifference[] => {
    const value = fieldOf(event, name);
    if (fits({ wanted: item, value })) return [];
    const field = `${prefix}${name}`;
    if (isObject(item) && isObject(value)) {
      return fieldRows({ wanted: item as Readonly<Record<string, Expected>>, event: value, prefix: `${field}.` });
    }
    return [{ field, expected: printValue(item), actual: printValue(value) }];
  });

/** What an exact case does not name and the event has, at every depth. */
const unnamedRows = ({
  wanted,
  event,
  prefix = '',
}: {
  wanted: Fields;
  event: Fields;
  prefix?: string;
}): FieldDifference[] =>
  Object.entries(event).flatMap(([name, value]): FieldDifference[] => {
    const item = fieldOf(wanted, name);
    const field = `${prefix}${name}`;
    if (item === undefined) return [{ field, expected: undefined, actual: printValue(value) }];
    return isObject(item) && isObject(value) ? unnamedRows({ wanted: item, event: value, prefix: `${field}.` }) : [];
  });

const rowsOf = (fields: Fields, side: 'expected' | 'actual'): FieldDifference[] =>
  Object.entries(fields).map(([field, value]) => ({
    field,
    expected: undefined,
    actual: undefined,
    [side]: printValue(value),
  }));
