/**
 * Reads JSON without losing a digit: what is written as a whole number is a bigint, everything else with a point or an exponent a
 * number. So `1` and `1.0` stay apart, and inode numbers, ids and nanoseconds beyond 2^53 stay what they are.
 */
export const parseExact = (text: string): unknown =>
  JSON.parse(text, (_key: string, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' && INTEGER.test(context?.source ?? '') ? BigInt(context?.source ?? 0) : value,
  );

const INTEGER = /^-?\d+$/;

/** A value as `parseExact` reads it, as JSON again: the numbers of the text that was read, not those nearest to them. */
export const exactJson = (value: unknown): string | undefined => JSON.stringify(withRawNumbers(value));

/** The same for a part of what is going to be written as JSON. */
export const withRawNumbers = (value: unknown): unknown => {
  if (typeof value === 'bigint') return rawJson(String(value));
  if (typeof value === 'number') return Number.isFinite(value) ? rawJson(floatText(value)) : String(value);
  if (Array.isArray(value)) return value.map(withRawNumbers);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withRawNumbers(item)]));
};

/** ECMAScript's proposal "JSON.parse source text access", in Node since 21. */
const rawJson = (text: string): unknown => (JSON as unknown as { rawJSON: (text: string) => unknown }).rawJSON(text);

/** A float as Vector writes it: never without a point or an exponent, and with no digits beyond those it has. */
export const floatText = (value: number): string => {
  if (!Number.isInteger(value)) return String(value).replace('e+', 'e');
  if (Math.abs(value) >= 1e16) return value.toExponential().replace('e+', 'e');
  return `${Object.is(value, -0) ? '-0' : value}.0`;
};

/** Whether two numbers are the same one, whatever they are written like: `1` and `1.0` are, 2^53 and 2^53 + 1 are not. */
export const isSameNumber = (a: number | bigint, b: number | bigint): boolean => {
  if (typeof a === typeof b) return a === b;
  const [float, integer] = typeof a === 'number' ? [a, b] : [b as number, a];
  return Number.isInteger(float) && BigInt(float) === integer;
};

export const isNumber = (value: unknown): value is number | bigint =>
  typeof value === 'number' || typeof value === 'bigint';
