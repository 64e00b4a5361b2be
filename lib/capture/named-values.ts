import type { NamedValue } from './redactor.ts';

/** Every text and number in a value, with the nearest name that leads to it. Pure. */
export const namedValues = (value: unknown, name = ''): NamedValue[] => {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint')
    return [{ name, value: String(value) }];
  if (Array.isArray(value)) return value.flatMap((item) => namedValues(item, name));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => namedValues(item, key));
};
