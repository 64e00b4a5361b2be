import { expect, test } from 'vitest';
import { z } from 'zod';
import { options } from '../../lib/config/options.ts';
import { configSchema } from '../../lib/config/schema.ts';

type Json = { [name: string]: Json } & { type?: string };

const jsonSchema = z.toJSONSchema(configSchema, { io: 'input' }) as unknown as Json;
const at = (path: readonly string[]): Json | undefined =>
  path.reduce<Json | undefined>((schema, name) => schema?.properties?.[name], jsonSchema);

test('the JSON Schema describes every key', () => {
  const missing = options.filter(({ path, description }) => at(path)?.description !== (description as unknown));
  expect(missing.map(({ key }) => key)).toEqual([]);
});

test('each key has a description of its own', () => {
  expect(new Set(options.map(({ description }) => description)).size).toBe(options.length);
});

test.each([
  [['collect', 'removalDelay'], { type: 'string', default: '30s', pattern: expect.stringContaining('ms|[smhd]') }],
  [['reload', 'settle'], { type: 'string', default: '100ms:1s' }],
  [['collect', 'backfill'], { type: 'string', default: 'all' }],
  [['collect', 'self'], { type: 'boolean', default: false }],
  [['sinks'], { type: 'string', enum: ['default', 'none'], default: 'default' }],
  [['templates'], { type: 'string' }],
  [['vector', 'args'], { type: 'array', items: { type: 'string' }, default: [] }],
  [['vector', 'env'], { type: 'object', additionalProperties: { type: 'string' } }],
  [['rules'], { type: 'array', items: { type: 'object', required: ['match'], additionalProperties: false } }],
  [['nomad'], { type: 'object', additionalProperties: false, description: 'How Nomad is asked.' }],
])('%j is written in a file as the JSON Schema says', (path, shape) => expect(at(path)).toMatchObject(shape));

test('no key has to be given, and none is known besides', () => {
  expect(jsonSchema).toMatchObject({ type: 'object', additionalProperties: false });
  expect(jsonSchema).not.toHaveProperty('required');
});

test('the JSON Schema holds only what an editor knows', () => {
  const known = ['default', 'description', 'type', 'pattern', 'enum', 'items', 'minItems', 'minLength'];
  const words = [...known, 'properties', 'additionalProperties', 'propertyNames', 'required', '$schema'];
  const used = (schema: unknown): string[] => {
    if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return [];
    return Object.entries(schema).flatMap(([word, value]) => {
      if (word === 'properties') return Object.values(value as object).flatMap(used);
      return word === 'default' ? [word] : [word, ...used(value)];
    });
  };
  expect(used(jsonSchema).filter((word) => !words.includes(word))).toEqual([]);
});
