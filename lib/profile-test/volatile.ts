import type { Event, Expected } from './case.ts';
import { fits, type ReadTimes } from './compare.ts';
import { ANY, type Matcher, regexMatcher } from './matchers.ts';

/** A value that is another one in another run, and what can be expected of it: undefined where it may not be there at all. */
export class Volatile {
  readonly values: readonly unknown[];
  readonly expected: Matcher | undefined;

  constructor({ values, expected }: { values: readonly unknown[]; expected: Matcher | undefined }) {
    this.values = values;
    this.expected = expected;
  }
}

/** What tells whether a value comes from the lines, or from when and where they were read. */
export type Reading = { lines: string; readTimes: ReadTimes };

/**
 * An event with each value marked that will not come again: it differs between runs of the same lines, or tells the time or the host
 * of reading. Pure.
 */
export const markVolatile = ({
  event,
  others,
  reading,
}: {
  event: Event;
  /** The same event of other runs. */
  others: readonly Event[];
  reading: Reading;
}): Event => {
  const host = typeof event.host === 'string' && event.host !== '' ? event.host : undefined;
  return mark({ value: event, others, isOwn: (value) => byReading({ value, host, ...reading }) }) as Event;
};

type Fields = Readonly<Record<string, unknown>>;
type Judge = (value: unknown) => Matcher | undefined;

const mark = ({ value, others, isOwn }: { value: unknown; others: readonly unknown[]; isOwn: Judge }): unknown => {
  const values = [value, ...others];
  if (others.includes(undefined)) return new Volatile({ values, expected: undefined });
  if (isFields(value) && others.every(isFields)) {
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => {
        const inOthers = others.map((other) => (Object.hasOwn(other, name) ? other[name] : undefined));
        return [name, mark({ value: item, others: inOthers, isOwn })];
      }),
    );
  }
  if (Array.isArray(value) && others.every((other) => Array.isArray(other) && other.length === value.length)) {
    return value.map((item, index) =>
      mark({ value: item, others: others.map((other) => (other as unknown[])[index]), isOwn }),
    );
  }
  if (!others.every((other) => fits({ wanted: value as Expected, value: other })))
    return new Volatile({ values, expected: ANY });
  const expected = isOwn(value);
  return expected === undefined ? value : new Volatile({ values, expected });
};

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What is in the lines as it stands comes from them. */
const byReading = ({
  value,
  host,
  lines,
  readTimes,
}: {
  value: unknown;
  host: string | undefined;
} & Reading): Matcher | undefined => {
  const text =
    typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'bigint' ? `${value}` : '';
  if (text === '' || lines.includes(text)) return undefined;
  if (typeof value !== 'string') return isMoment({ number: Number(value), readTimes }) ? ANY : undefined;
  if (text === host || isMomentText({ text, readTimes }) || holdsToday({ text, lines, readTimes })) return ANY;
  return ofThisYear({ text, lines, readTimes });
};

/** A second around: a number of seconds is cut off. */
const SLACK_MS = 1_000;

const isWithin = ({ ms, readTimes: { fromMs, toMs } }: { ms: number; readTimes: ReadTimes }): boolean =>
  ms >= fromMs - SLACK_MS && ms <= toMs + SLACK_MS;

/** Seconds, milliseconds, microseconds or nanoseconds since 1970. */
const isMoment = ({ number, readTimes }: { number: number; readTimes: ReadTimes }): boolean =>
  [1e3, 1, 1e-3, 1e-6].some((factor) => isWithin({ ms: number * factor, readTimes }));

const isMomentText = ({ text, readTimes }: { text: string; readTimes: ReadTimes }): boolean =>
  isWithin({ ms: Date.parse(text), readTimes }) ||
  (/^\d{10,19}$/.test(text) && isMoment({ number: Number(text), readTimes }));

/** The day of reading as formats write it; a value that holds it will not hold it tomorrow. */
const holdsToday = ({ text, lines, readTimes }: { text: string } & Reading): boolean =>
  [readTimes.fromMs, readTimes.toMs]
    .flatMap((ms) => {
      const [year, month, day] = new Date(ms).toISOString().slice(0, 10).split('-') as [string, string, string];
      const name = MONTHS[Number(month) - 1] ?? '';
      return [
        `${year}-${month}-${day}`,
        `${year}/${month}/${day}`,
        `${year}.${month}.${day}`,
        `${year}${month}${day}`,
        `${day}/${name}/${year}`,
        `${day} ${name} ${year}`,
      ];
    })
    .some((today) => text.includes(today) && !lines.includes(today));

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A time whose line names no year, as in syslog: Vector takes this one. */
const ofThisYear = ({ text, lines, readTimes }: { text: string } & Reading): Matcher | undefined => {
  const [, year, rest] = /^(\d{4})(-\d\d-\d\dT.*)$/.exec(text) ?? [];
  const isThis = [readTimes.fromMs, readTimes.toMs].some((ms) => String(new Date(ms).getUTCFullYear()) === year);
  if (year === undefined || rest === undefined || !isThis || lines.includes(year)) return undefined;
  return regexMatcher(`^\\d{4}${rest.replaceAll(/[.+]/g, '\\$&')}$`);
};
