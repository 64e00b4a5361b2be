import { inKeyOrder } from './order.ts';

/**
 * Readers for an answer that may miss any field, or hold null or another type in its place. Nomad's Go structs
 * encode an unset pointer, map or list as null, and older agents leave newer fields out, so nothing here throws.
 */
export type JsonObject = Readonly<Record<string, unknown>>;

const NOTHING: JsonObject = Object.freeze({});

export const objectOf = (value: unknown): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : NOTHING;

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

export const numberOf = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0);

export const flagOf = (value: unknown): boolean => value === true;

export const textsOf = (value: unknown): string[] => listOf(value).filter((item) => typeof item === 'string');

/**
 * A map of texts in the order of its keys. Nomad writes nothing but strings; a recording made by hand may hold booleans and
 * numbers, taken as they are written, so that `nvl_enabled: false` is no yes. Entries of another type are left out.
 */
export const textMapOf = (value: unknown): Record<string, string> =>
  inKeyOrder(
    Object.entries(objectOf(value)).flatMap(([key, item]) => (isPlain(item) ? [[key, String(item)] as const] : [])),
  );

const isPlain = (value: unknown): value is string | boolean | number =>
  typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number';

/** A map of objects in the order of its keys, each as `read` makes it. */
export const mapOf = <T>(value: unknown, read: (raw: JsonObject) => T): Record<string, T> =>
  inKeyOrder(Object.entries(objectOf(value)).map(([key, item]) => [key, read(objectOf(item))] as const));

const MS_PER_NS = 1e-6;

/** Nomad's durations and times are integers in nanoseconds. */
export const msOfNs = (value: unknown): number => Math.round(numberOf(value) * MS_PER_NS);

/** A time in nanoseconds since the epoch as RFC 3339 in milliseconds; empty when unset. */
export const timeOfNs = (value: unknown): string => {
  const ms = msOfNs(value);
  return ms > 0 && ms < 8.64e15 ? new Date(ms).toISOString() : '';
};
