import type { VrlObject, VrlValue } from '../vrl/values.ts';
import { type EngineEvent, isVrlObject } from './event.ts';
import { NotRunnable } from './transform.ts';

/** A path to a field, as Vector's options have it: `a.b`, `."a b".c`, `%nvl.row`, `a[0]`. */
export type FieldPath = { isMetadata: boolean; segments: readonly (string | number)[] };

/**
 * Reads a path. Undefined for one that Vector's own syntax has no place for.
 *
 * @source https://vector.dev/docs/reference/vrl/expressions/#path
 */
export const parseFieldPath = (text: string): FieldPath | undefined => {
  const isMetadata = text.startsWith('%');
  const path = isMetadata ? text.slice(1) : text;
  if (path === '.') return { isMetadata, segments: [] };
  const segments: (string | number)[] = [];
  let mayFollow = /^\.?/;
  for (let at = 0; at < path.length || segments.length === 0; ) {
    const [before] = mayFollow.exec(path.slice(at)) ?? [undefined];
    const found = before === undefined ? null : SEGMENT.exec(path.slice(at + before.length));
    if (before === undefined || found === null) return undefined;
    const [all, plain, quoted, index] = found;
    const isFirst = segments.length === 0;
    if (index !== undefined && before === '.' && !isFirst) return undefined;
    segments.push(index === undefined ? (plain ?? unescaped(quoted ?? '')) : Number(index));
    at += before.length + all.length;
    // Behind quotes and brackets a point may be missing.
    mayFollow = plain === undefined ? /^\.?/ : /^(?:\.|(?=\[))/;
  }
  return { isMetadata, segments };
};

/** The names of a path in an option that leads nowhere but to a field of an event. Throws `NotRunnable` for any other. */
export const fieldNamesIn = (value: unknown, option: string): string[] => {
  const path = parseFieldPath(String(value));
  const names = (path?.segments ?? []).filter((segment) => typeof segment === 'string');
  if (path === undefined || path.isMetadata || names.length === 0 || names.length < path.segments.length)
    throw new NotRunnable(`a path that nvl does not read: ${option} = ${JSON.stringify(value)}`);
  return names;
};

/** What stands at a path; undefined where there is nothing. */
export const fieldAt = (event: Pick<EngineEvent, 'event' | 'metadata'>, path: FieldPath): VrlValue | undefined =>
  path.segments.reduce<VrlValue | undefined>(inside, path.isMetadata ? event.metadata : event.event);

/** The object with this value at a path of names; whatever stands in the way is replaced. Pure. */
export const withFieldAt = (object: VrlObject, segments: readonly string[], value: VrlValue): VrlObject => {
  const [first, ...others] = segments;
  if (first === undefined) return isVrlObject(value) ? value : object;
  const below = Object.hasOwn(object, first) ? object[first] : undefined;
  return {
    ...object,
    [first]: others.length === 0 ? value : withFieldAt(isVrlObject(below) ? below : {}, others, value),
  };
};

/** Whether Vector writes this name of a field in quotes. */
export const needsQuotes = (name: string): boolean => !/^[0-9A-Za-z_@]+$/.test(name);

/** A field without quotes, one in them, or an index. */
const SEGMENT = /^(?:([0-9A-Za-z_@-]+)|"((?:[^"\\]|\\["\\])*)"|\[(-?\d+)\])/;

const unescaped = (quoted: string): string => quoted.replace(/\\(.)/g, '$1');

const inside = (value: VrlValue | undefined, segment: string | number): VrlValue | undefined => {
  if (typeof segment === 'number') return Array.isArray(value) ? (value as VrlValue[]).at(segment) : undefined;
  return isVrlObject(value) && Object.hasOwn(value, segment) ? value[segment] : undefined;
};
