import type { VrlObject, VrlValue } from '../vrl/values.ts';
import { type EngineEvent, isVrlObject } from './event.ts';

/** A path to a field, as Vector's options have it: `a.b`, `."a b".c`, `%nvl.row`, `a[0]`. */
export type FieldPath = { isMetadata: boolean; segments: readonly (string | number)[] };

/**
 * Reads a path. Undefined for one that Vector's own syntax has no place for.
 *
 * @source https://vector.dev/docs/reference/vrl/expressions/#path
 */
export const parseFieldPath = (text: string): FieldPath | undefined => {
  const isMetadata = text.startsWith('%');
  const isFromRoot = isMetadata || text.startsWith('.');
  let rest = isFromRoot ? text.slice(1) : text;
  if (rest === '') return isFromRoot ? { isMetadata, segments: [] } : undefined;
  const segments: (string | number)[] = [];
  for (let isFirst = true; rest !== ''; isFirst = false) {
    const index = /^\[(-?\d+)\]/.exec(rest);
    const dot = isFirst ? '' : '.';
    const field = index ?? SEGMENT.exec(rest.startsWith(dot) ? rest.slice(dot.length) : '');
    if (field === null) return undefined;
    const [all, plain, quoted] = field;
    segments.push(index !== null ? Number(plain) : quoted === undefined ? (plain ?? '') : unescaped(quoted));
    rest = rest.slice(all.length + (index === null ? dot.length : 0));
  }
  return { isMetadata, segments };
};

/** What stands at a path; undefined where there is nothing. */
export const fieldAt = (event: Pick<EngineEvent, 'event' | 'metadata'>, path: FieldPath): VrlValue | undefined =>
  path.segments.reduce<VrlValue | undefined>(inside, path.isMetadata ? event.metadata : event.event);

/** The object with this value at a path of names; whatever stands in the way is replaced. Pure. */
export const withFieldAt = (object: VrlObject, segments: readonly string[], value: VrlValue): VrlObject => {
  const [first, ...others] = segments;
  if (first === undefined) return isVrlObject(value) ? value : object;
  const below = object[first];
  return {
    ...object,
    [first]: others.length === 0 ? value : withFieldAt(isVrlObject(below) ? below : {}, others, value),
  };
};

/** Whether Vector writes this name of a field in quotes. */
export const needsQuotes = (name: string): boolean => !/^[0-9A-Za-z_@]+$/.test(name);

/** A field without quotes, or one in them. */
const SEGMENT = /^(?:([0-9A-Za-z_@-]+)|"((?:[^"\\]|\\.)*)")/;

const unescaped = (quoted: string): string =>
  quoted.replace(/\\(.)/g, (_, sign: string) => (sign === 'n' ? '\n' : sign));

const inside = (value: VrlValue | undefined, segment: string | number): VrlValue | undefined => {
  if (typeof segment === 'number') return Array.isArray(value) ? (value as VrlValue[]).at(segment) : undefined;
  return isVrlObject(value) && Object.hasOwn(value, segment) ? value[segment] : undefined;
};
