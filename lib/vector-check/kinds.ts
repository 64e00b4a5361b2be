import { isTable } from '../table.ts';
import type { Shape, ValueKind } from './schema.ts';

/** Undefined for what is not judged: a text with a variable or a secret in it, which may become anything; a date; nothing. */
export const kindOf = (value: unknown): ValueKind | undefined => {
  if (typeof value === 'string') return isFilledIn(value) ? undefined : 'text';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'bigint') return 'int';
  // TOML's 1.0 comes as 1, too.
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'num';
  if (Array.isArray(value)) return 'list';
  return value instanceof Date || !isTable(value) ? undefined : 'table';
};

/** `$NAME`, `${NAME}` or `SECRET[backend.key]`: Vector may read the text with something else in its place. */
export const isFilledIn = (text: string): boolean => text.includes('$') || text.includes('SECRET[');

export const takes = (shape: Shape, kind: ValueKind): boolean =>
  shape[kind] !== undefined || shape.lax?.includes(kind) === true;

export const KIND_NAMES: Readonly<Record<ValueKind, string>> = {
  text: 'a text',
  int: 'a whole number',
  num: 'a number with a fraction',
  bool: 'true or false',
  list: 'a list',
  table: 'a table',
};

/** What a shape asks for, in words. */
export const wantedBy = ({ text, int, num, bool, list, table }: Shape): string =>
  [
    ...(text === undefined ? [] : [text === true ? KIND_NAMES.text : oneOf(text)]),
    ...(num ? ['a number'] : int === undefined ? [] : [wholeNumber(int)]),
    ...(bool ? [KIND_NAMES.bool] : []),
    ...(list === undefined ? [] : [KIND_NAMES.list]),
    ...(table === undefined ? [] : [KIND_NAMES.table]),
  ].join(' or ');

const wholeNumber = (int: NonNullable<Shape['int']>): string => {
  const [min, max] = int === true ? [null, null] : int;
  if (max !== null) return `a whole number from ${min ?? 0} to ${max}`;
  return min === null ? KIND_NAMES.int : `a whole number from ${min} on`;
};

const MOST_NAMED = 20;

/** `one of "a", "b"`, as long as that can be read. */
export const oneOf = (texts: readonly string[]): string => {
  if (texts.length > MOST_NAMED) return `one of ${texts.length} texts`;
  const listed = texts.map((text) => JSON.stringify(text)).join(', ');
  return texts.length === 1 ? listed : `one of ${listed}`;
};

/** Enough of a text to know it by. */
export const shortened = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
