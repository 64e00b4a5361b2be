import { Glob } from '../../../glob.ts';
import { grouped } from '../../../grouped.ts';
import { refuse } from '../place/refused.ts';

/**
 * Characters that mean nothing in any language on the way (TOML, VRL, Vector's templates and globs, environment and
 * secret references), so that they are written as themselves wherever a value may stand.
 */
const PLAIN_TEXT = /^[\w./:@+\- ]*$/;
const PLAIN_GLOB = /^[\w./:@+\- *?[\]!]*$/;

/**
 * True for a value that cannot act on the text around it, wherever it stands. `isGlobPlace`: it stands in a file glob, where
 * the characters of nvl's own globs are meant.
 */
export const isPlain = (value: unknown, isGlobPlace: boolean): boolean => {
  if (typeof value === 'string') return PLAIN_TEXT.test(value);
  if (typeof value === 'number') return Number.isSafeInteger(value);
  if (typeof value === 'boolean') return true;
  if (Array.isArray(value))
    return value.length > 0 && value.every((item) => !Array.isArray(item) && isPlain(item, isGlobPlace));
  return value instanceof Glob && (isGlobPlace ? PLAIN_GLOB : PLAIN_TEXT).test(value.text);
};

/** The text of a value inside a string, a name or a comment; throws `Refused` for what has none: null, lists, objects. */
export const toText = (value: unknown): string => {
  if (typeof value === 'string')
    return value.isWellFormed() ? value : refuse('it holds half of a surrogate pair, which no UTF-8 text can hold');
  if (typeof value === 'number')
    return Number.isFinite(value) ? String(value) : refuse(`${value} is not a number that JSON or TOML knows`);
  if (typeof value === 'boolean') return String(value);
  if (value instanceof Glob) return toText(value.text);
  if (value === null) return refuse('null has no text', 'a condition around it, as in {{#if x}}"{{x}}"{{/if}}');
  if (Array.isArray(value))
    return refuse('a list has no text', '{{#each list}}{{this}}{{/each}}, or the list bare, without quotes');
  if (typeof value === 'object')
    return refuse('an object has no text', 'one of its fields, or the object bare in VRL, without quotes');
  return refuse(`a ${typeof value} is not data`);
};

/** A number as TOML and VRL both read it: no exponent, no minus zero; a whole number beyond 2^53 as a float. */
export const toNumber = (value: number): string => {
  if (!Number.isFinite(value)) return refuse(`${value} is not a number that JSON or TOML knows`);
  if (Number.isSafeInteger(value)) return String(value === 0 ? 0 : value);
  const [digits = '', exponent = '0'] = String(Math.abs(value)).split('e');
  const [whole = '', fraction = ''] = digits.split('.');
  const point = whole.length + Number(exponent);
  const all = (whole + fraction).padEnd(point, '0');
  const text = point > 0 ? `${all.slice(0, point)}.${all.slice(point) || '0'}` : `0.${'0'.repeat(-point)}${all}`;
  return value < 0 ? `-${text}` : text;
};

const DEEPEST = 32;
const MOST_PARTS = 10_000;
const LONGEST_TEXT = 1_048_576;

/**
 * Refuses what could overturn the reader: nesting over 32 levels (2,000 abort Vector's process), more than 10,000
 * parts, over 1 MiB of text, and anything that is not data.
 */
export const checkSize = (value: unknown): void => {
  let parts = 0;
  let length = 0;
  const visit = (item: unknown, depth: number): void => {
    if (depth > DEEPEST) refuse(`it is nested over ${DEEPEST} levels deep`);
    if (++parts > MOST_PARTS) refuse(`it has over ${grouped(MOST_PARTS)} parts`);
    if (typeof item === 'string') length += item.length;
    if (length > LONGEST_TEXT) refuse('it is over 1 MiB long');
    if (typeof item !== 'object' || item === null || item instanceof Glob) return;
    for (const [key, inner] of Object.entries(item)) {
      length += key.length;
      visit(inner, depth + 1);
    }
  };
  visit(value, 0);
};

/** The fields of an object, in their own order; one that is undefined does not exist. */
export const fieldsOf = (value: object): [string, unknown][] =>
  Object.entries(value).filter(([, inner]) => inner !== undefined);

/** True for an object as JSON yields it: no list, no instance of a class. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Glob) &&
  isPlainPrototype(Object.getPrototypeOf(value));

const isPlainPrototype = (prototype: unknown): boolean => prototype === null || prototype === Object.prototype;
