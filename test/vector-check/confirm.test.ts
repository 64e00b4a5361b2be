import { expect, test } from 'vitest';
import type { Answer, Question } from '../../scripts/vector-schema/ask.ts';
import { compactSchema } from '../../scripts/vector-schema/compact.ts';
import { confirm } from '../../scripts/vector-schema/confirm.ts';
import { type Draft, draftOf, type JsonSchema } from '../../scripts/vector-schema/draft.ts';

/** What a Vector says of a value whose JSON Schema this is; nothing where it takes it. */
type Vector = (value: Record<string, unknown>) => Answer;

/** The shape that is written down of it, as deep as it goes. */
const learned = async (schema: JsonSchema, vector: Vector): Promise<unknown> => {
  const draft = draftOf(schema, schema.definitions ?? {});
  const ask = async (questions: readonly Question[]) =>
    questions.map(({ config }) => {
      const { value } = config as { value: unknown };
      return typeof value !== 'object' || value === null || Array.isArray(value)
        ? 'no table'
        : vector(value as Record<string, unknown>);
    });
  await confirm({ places: [{ name: 'value', draft, wrap: (value: unknown) => ({ config: { value } }) }], ask });
  return unfolded(draft);
};

const unfolded = (draft: Draft): unknown => {
  const kinds = { sources: draft, transforms: draft, sinks: draft, enrichment_tables: draft };
  const globals = {
    options: new Map(),
    required: new Set<string>(),
    other: 'refused' as const,
    aliases: new Map(),
    tags: [],
  };
  const { shapes, sources } = compactSchema({ vector: '0', globals, kinds });
  const unfold = (place: number): unknown =>
    JSON.parse(JSON.stringify(shapes[place]), (key, inner) =>
      key === 'list'
        ? unfold(inner)
        : ['options', 'tables'].includes(key)
          ? Object.fromEntries(Object.entries(inner as object).map(([name, at]) => [name, unfold(at)]))
          : inner,
    );
  return unfold(sources);
};

const object = (properties: Record<string, JsonSchema>, required: string[] = []): JsonSchema => ({
  type: 'object',
  properties,
  required,
});

const strangerIn = (value: object, ...known: string[]): Answer => {
  const stranger = Object.keys(value).find((key) => !known.includes(key));
  return stranger === undefined
    ? undefined
    : `unknown field \`${stranger}\`, expected one of ${known.map((one) => `\`${one}\``).join(', ')}`;
};

test('what Vector refuses as its schema says stays', async () => {
  const schema = object({ a: { type: 'integer', minimum: 0, maximum: 255 } }, ['a']);
  const vector: Vector = (value) => {
    if (!('a' in value)) return 'missing field `a`';
    if (!Number.isInteger(value.a)) return 'invalid type';
    return (value.a as number) < 0 || (value.a as number) > 255 ? 'invalid value' : strangerIn(value, 'a');
  };
  expect(await learned(schema, vector)).toEqual({ table: { options: { a: { int: [0, 255] } }, required: ['a'] } });
});

test('what Vector takes is taken: another kind, no limit, no need, any option', async () => {
  const schema = object({ a: { type: 'integer', minimum: 5 } }, ['a']);
  const vector: Vector = ({ a }) =>
    a === undefined || typeof a === 'number' || typeof a === 'string' ? undefined : 'invalid type';
  expect(await learned(schema, vector)).toEqual({
    table: { options: { a: { int: true, lax: ['text', 'num'] } }, other: 'ignored' },
  });
});

test('what Vector names in a refusal is learned: options, other names of options, texts, and what is missing', async () => {
  const schema = object({
    long_name: { type: 'string' },
    mode: { oneOf: [{ const: 'a' }] },
    needed: { type: 'boolean' },
  });
  const vector: Vector = (value) => {
    const { old, long_name: long, mode, needed } = value;
    if (old !== undefined && long !== undefined) return 'duplicate field `long_name`';
    if (needed === undefined) return 'missing field `needed`';
    if (typeof needed !== 'boolean') return 'invalid type';
    for (const text of [old, long]) if (text !== undefined && typeof text !== 'string') return 'invalid type';
    if (mode !== undefined && mode !== 'a' && mode !== 'b')
      return `unknown variant \`${mode}\`, expected \`a\` or \`b\``;
    return strangerIn(value, 'long_name', 'old', 'mode', 'needed', 'secret');
  };
  expect(await learned(schema, vector)).toEqual({
    table: {
      options: { long_name: { text: true }, mode: { text: ['a', 'b'] }, needed: { bool: true }, secret: {} },
      required: ['needed'],
      aliases: { old: 'long_name' },
    },
  });
});

test('an option that chooses between tables has theirs', async () => {
  const branch = (codec: string, properties: Record<string, JsonSchema>): JsonSchema => ({
    allOf: [object(properties), object({ codec: { const: codec } }, ['codec'])],
  });
  const schema: JsonSchema = {
    allOf: [
      object({ all: { type: 'boolean' } }),
      { oneOf: [branch('json', { pretty: { type: 'boolean' } }), branch('text', {})] },
    ],
  };
  const known: Record<string, string[]> = { json: ['codec', 'all', 'pretty'], text: ['codec', 'all'] };
  const vector: Vector = (value) => {
    const names = known[String(value.codec)];
    if (names === undefined)
      return value.codec === undefined ? 'missing field `codec`' : 'unknown variant `x`, expected `json` or `text`';
    for (const name of ['all', 'pretty']) if (name in value && typeof value[name] !== 'boolean') return 'invalid type';
    return strangerIn(value, ...names);
  };
  const flag = { bool: true };
  expect(await learned(schema, vector)).toEqual({
    table: {
      options: { all: flag },
      tags: [{ name: 'codec', tables: { json: { table: { options: { pretty: flag } } }, text: { table: {} } } }],
    },
  });
});

test('a text that Vector is choosy about has its form; one that no form fits is a text', async () => {
  const schema = object({ at: { type: 'string', default: '127.0.0.1:1' }, path: { type: 'string', default: '.a' } });
  const vector: Vector = ({ at = '127.0.0.1:1', path = '.a', ...others }) => {
    if (typeof at !== 'string' || !/^(\d+\.\d+\.\d+\.\d+|\[::1\]):\d+$/.test(at))
      return 'invalid socket address syntax';
    if (typeof path !== 'string' || /[^\w.]/.test(path)) return 'Invalid field path';
    return strangerIn({ ...others, at, path }, 'at', 'path');
  };
  expect(await learned(schema, vector)).toEqual({
    table: { options: { at: { text: true, form: 'address' }, path: { text: true } } },
  });
});

test('of what Vector takes no sample nothing is refused', async () => {
  const schema = object({ a: { type: 'string' }, b: { type: 'boolean' } });
  const vector: Vector = ({ a, b, ...others }) => {
    if (a !== undefined && !/^\d{7}$/.test(String(a))) return 'has to have seven digits';
    return b === undefined || typeof b === 'boolean' ? strangerIn({ ...others }, 'a', 'b') : 'invalid type';
  };
  expect(await learned(schema, vector)).toEqual({ table: { options: { a: {}, b: { bool: true } } } });
});
