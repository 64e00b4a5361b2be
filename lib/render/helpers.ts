import { formatDuration } from '../duration.ts';

/**
 * The helpers of templates, all for sub-expressions and values, none for blocks: a block helper would see the
 * placeholders of its body and not its values. Each gets raw values and returns one.
 */
export const helpers: Readonly<Record<string, (...args: unknown[]) => unknown>> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => compareValues(a, b) < 0,
  le: (a, b) => compareValues(a, b) <= 0,
  gt: (a, b) => compareValues(a, b) > 0,
  ge: (a, b) => compareValues(a, b) >= 0,
  and: (...args) => given(args).every(isTruthy),
  or: (...args) => given(args).some(isTruthy),
  not: (value) => !isTruthy(value),
  default: (...args) => given(args).find((value) => value !== undefined && value !== null && value !== ''),
  concat: (...args) => joined(given(args).map(text), ''),
  join: (list, separator) =>
    joined((Array.isArray(list) ? list : []).map(text), typeof separator === 'string' ? separator : ','),
  json: (value) => JSON.stringify(value ?? null),
  lower: (value) => text(value).toLowerCase(),
  upper: (value) => text(value).toUpperCase(),
  replace: (value, from, to) => {
    const parts = text(value).split(text(from));
    checkLength(text(value).length + (parts.length + 1) * text(to).length);
    return text(value).replaceAll(text(from), () => text(to));
  },
  startsWith: (value, start) => text(value).startsWith(text(start)),
  endsWith: (value, end) => text(value).endsWith(text(end)),
  contains: (value, part) => (Array.isArray(value) ? value.includes(part) : text(value).includes(text(part))),
  duration: (ms) => (typeof ms === 'number' ? formatDuration(ms) : ''),
};

const LONGEST = 1_048_576;

/** Looked at before the text is made: it could be larger than memory. */
const checkLength = (length: number): void => {
  if (length > LONGEST) throw new Error('the text it makes is over 1 MiB long');
};

const joined = (texts: readonly string[], separator: string): string => {
  checkLength(texts.reduce((sum, one) => sum + one.length, 0) + separator.length * Math.max(0, texts.length - 1));
  return texts.join(separator);
};

/** Handlebars gives each helper its options object as the last argument. */
const given = (args: unknown[]): unknown[] => args.slice(0, -1);

/** Handlebars' own idea of truth: an empty list is false, and so are 0, '' and null. */
const isTruthy = (value: unknown): boolean => (Array.isArray(value) ? value.length > 0 : Boolean(value));

const text = (value: unknown): string => (value === undefined || value === null ? '' : String(value));

const compareValues = (a: unknown, b: unknown): number => {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [left, right] = [text(a), text(b)];
  return left < right ? -1 : Number(left > right);
};
