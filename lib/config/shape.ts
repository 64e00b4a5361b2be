import { z } from 'zod';
import { type KeyMeta, keyMeta } from './key.ts';
import { configSchema } from './schema.ts';

/** Reads the schema as a tree of keys, so that nothing else has to know how zod keeps it. */
export type Key = {
  /** `collect.removalDelay` */
  name: string;
  path: readonly string[];
  description: string;
  /** As a file would give it: `'30s'`, `[]`; undefined when nothing is set by default. */
  default: unknown;
  kind: 'text' | 'boolean' | 'words' | 'pairs' | 'rules';
  choices: readonly string[] | undefined;
  meta: KeyMeta;
};

export type Section = { name: string; description: string; keys: readonly Key[] };

/** Every key in the schema's order, each under its section; a key without a section is one of its own. */
export const sections = (): Section[] =>
  Object.entries(configSchema.shape).map(([name, type]) => {
    const description = type.meta()?.description ?? '';
    const inner = core(type);
    if (keyMeta.has(type)) return { name, description, keys: [toKey([name], type)] };
    const shape = inner instanceof z.ZodObject ? inner.shape : {};
    return { name, description, keys: Object.entries(shape).map(([each, of]) => toKey([name, each], of as z.ZodType)) };
  });

/** The names that may stand in the mapping at `path`; undefined where any may, or where no mapping belongs. */
export const namesAt = (path: readonly PropertyKey[]): string[] | undefined => {
  let type: z.ZodType = configSchema;
  for (const step of path) {
    const inner = core(type);
    if (inner instanceof z.ZodArray) type = inner.element as z.ZodType;
    else if (inner instanceof z.ZodObject) type = inner.shape[String(step)] ?? z.never();
    else return undefined;
  }
  const inner = core(type);
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : undefined;
};

/** The same tree without the known keys that are null: written down without a value, they are not set. */
export const withoutNulls = (value: unknown, type: z.ZodType = configSchema): unknown => {
  const inner = core(type);
  if (Array.isArray(value)) {
    return inner instanceof z.ZodArray ? value.map((each) => withoutNulls(each, inner.element as z.ZodType)) : value;
  }
  if (!isMapping(value)) return value;
  const typeOf = (name: string): z.ZodType | undefined => {
    if (inner instanceof z.ZodObject) return Object.hasOwn(inner.shape, name) ? inner.shape[name] : undefined;
    return inner instanceof z.ZodRecord ? (inner.valueType as z.ZodType) : undefined;
  };
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, of]) => ({ name, of, known: typeOf(name) }))
      .filter(({ of, known }) => of !== null || known === undefined)
      .map(({ name, of, known }) => [name, known === undefined ? of : withoutNulls(of, known)]),
  );
};

/** A mapping, as against a list, a date of TOML's, or a single value. */
export const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);

const toKey = (path: readonly string[], type: z.ZodType): Key => {
  const inner = core(type);
  return {
    name: path.join('.'),
    path,
    description: type.meta()?.description ?? '',
    default: type instanceof z.ZodPrefault ? type.def.defaultValue : undefined,
    kind: kindOf(inner),
    choices: inner instanceof z.ZodEnum ? inner.options.map(String) : undefined,
    meta: keyMeta.get(type) ?? {},
  };
};

const kindOf = (inner: z.ZodType): Key['kind'] => {
  if (inner instanceof z.ZodBoolean) return 'boolean';
  if (inner instanceof z.ZodRecord) return 'pairs';
  if (inner instanceof z.ZodArray) return inner.element instanceof z.ZodObject ? 'rules' : 'words';
  return 'text';
};

/** What a default, an optional or a transform is wrapped around. */
const core = (type: z.ZodType): z.ZodType => {
  if (type instanceof z.ZodPrefault || type instanceof z.ZodOptional || type instanceof z.ZodExactOptional) {
    return core(type.unwrap() as z.ZodType);
  }
  return type instanceof z.ZodPipe ? core(type.in as z.ZodType) : type;
};
