import type { Field } from '../context/schema.ts';
import { nearest as nearestOf } from '../nearest.ts';

/** What a path may stand for: a field of the schema, or undefined where that cannot be told. */
export type Type = Field | undefined;

export type PathFault = { message: string; advice?: string };

/** What names stand for where a path is written. */
export type Names = {
  /** The whole context: `@root`. */
  root: Field;
  /** `this` of each block around the path, outermost first. */
  scopes: readonly Type[];
  /** What blocks give by a name, as in `as |item|`. */
  locals: ReadonlyMap<string, Type>;
  allowsVolatile: boolean;
};

/** What a path stands for, or what is wrong with it. Pure. */
export const typeOfPath = (path: hbs.AST.PathExpression, names: Names): { type: Type; fault?: PathFault } => {
  const { root, scopes, locals } = names;
  const { parts } = path;
  if (path.data)
    return parts[0] === 'root' ? follow({ from: root, parts: parts.slice(1), path, names }) : { type: undefined };
  const [first] = parts;
  const isScoped = /^(this\b|\.)/.test(path.original);
  if (first !== undefined && path.depth === 0 && !isScoped && locals.has(first)) {
    return follow({ from: locals.get(first), parts: parts.slice(1), path, names });
  }
  return follow({ from: scopes.at(-1 - path.depth), parts, path, names });
};

type Way = { from: Type; parts: readonly string[]; path: hbs.AST.PathExpression; names: Names };

const follow = ({ from, parts, path, names }: Way): { type: Type; fault?: PathFault } => {
  let type = from;
  for (const [position, part] of parts.entries()) {
    if (type === undefined) return { type };
    const next = step(type, part);
    if (next === 'unknown') {
      const key = keyWithDots({ path, parts, from, position });
      const fault =
        key === undefined
          ? unknownName({ type, part, path, isFirst: position === 0 && type === names.root, names })
          : { message: `${path.original} is not known`, advice: `a key with dots is written {{${key}}}` };
      return { type: undefined, fault };
    }
    type = next;
    if (type?.volatile !== undefined && !names.allowsVolatile) {
      const message = `${path.original} must not be used here: ${type.volatile}, and each change would restart what is rendered from it`;
      const advice = 'use a stable field, or put it into a sink; nvl context shows both kinds';
      return { type: undefined, fault: { message, advice } };
    }
  }
  return { type };
};

/** `meta.my.key` as it has to be written, if a map stands on the way and the rest can be one of its keys. */
const keyWithDots = ({
  path,
  parts,
  from,
  position,
}: {
  path: hbs.AST.PathExpression;
  parts: readonly string[];
  from: Type;
  position: number;
}): string | undefined => {
  if (path.original.includes('[')) return undefined;
  let type = from;
  for (let at = 0; at < position; at += 1) {
    if (type === undefined) return undefined;
    if (type.type === 'map') {
      const start =
        path.original.length -
        path.original
          .split(/[./]/)
          .slice(at - parts.length)
          .join('.').length;
      const inside = type.of;
      // The longest key that leaves a field of what the map holds, else all of it.
      for (let end = parts.length - 1; end > at; end -= 1) {
        if (inside?.type !== 'object' || !leadsTo(inside, parts.slice(end))) continue;
        return `${path.original.slice(0, start)}[${parts.slice(at, end).join('.')}].${parts.slice(end).join('.')}`;
      }
      return `${path.original.slice(0, start)}[${path.original.slice(start)}]`;
    }
    const next = step(type, parts[at] as string);
    if (next === 'unknown') return undefined;
    type = next;
  }
  return undefined;
};

const leadsTo = (from: Field, parts: readonly string[]): boolean => {
  let type: Type = from;
  for (const part of parts) {
    if (type === undefined) return true;
    const next = step(type, part);
    if (next === 'unknown') return false;
    type = next;
  }
  return true;
};

const step = (type: Field, part: string): Type | 'unknown' => {
  if (type.type === 'object') return Object.hasOwn(type.fields ?? {}, part) ? type.fields?.[part] : 'unknown';
  if (type.type === 'map') return type.of;
  if (type.type === 'list' && /^\d+$/.test(part)) return type.of;
  if (type.type === 'list' || type.type === 'string') return part === 'length' ? NUMBER : 'unknown';
  return 'unknown';
};

const NUMBER: Field = { type: 'number', doc: 'a length' };

/** Names that Vector's own events carry: `{{ message }}` in a template is most likely meant for Vector. */
const EVENT_FIELDS = new Set([
  'message',
  'timestamp',
  'host',
  'file',
  'source_type',
  'level',
  'nomad',
  'labels',
  'metadata',
]);

const unknownName = ({
  type,
  part,
  path,
  isFirst,
  names: { allowsVolatile },
}: {
  type: Field;
  part: string;
  path: hbs.AST.PathExpression;
  isFirst: boolean;
  names: Names;
}): PathFault => {
  if (isFirst && EVENT_FIELDS.has(part)) {
    return {
      message: `${path.original} is not known to nvl; it looks like a field of Vector's events`,
      advice: `write \\{{ ${path.original} }} to leave it to Vector`,
    };
  }
  const usable = Object.entries(type.fields ?? {}).filter(([, { volatile }]) => allowsVolatile || !volatile);
  return { message: `${path.original} is not known`, ...nearestKnown(part, new Set(usable.map(([name]) => name))) };
};

/** The nearest known name, or all of them where they are few. */
export const nearestKnown = (name: string, known: ReadonlySet<string>): { advice?: string } => {
  const likely = nearestOf(name, [...known]);
  if (likely !== undefined) return { advice: `did you mean ${likely}?` };
  return known.size === 0 || known.size > 40 ? {} : { advice: `known here: ${[...known].sort().join(', ')}` };
};
