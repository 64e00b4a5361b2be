import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { optionAt } from '../../lib/render/safe/place/options.ts';
import { hasVector } from '../safe/support/vector.ts';

/** Of JSON Schema only what Vector's own has. */
type Schema = {
  $ref?: string;
  allOf?: Schema[];
  oneOf?: Schema[];
  anyOf?: Schema[];
  properties?: Record<string, Schema & { const?: string }>;
  additionalProperties?: Schema | boolean;
  items?: Schema | Schema[];
};

/** Types whose text Vector reads as a language. */
const languages: Record<string, 'template' | 'vrl'> = {
  'vector::template::Template': 'template',
  'vector::template::UnsignedIntTemplate': 'template',
  'vector::conditions::AnyCondition': 'vrl',
};

type Found = { section: string; type: string; path: (string | number)[]; language: 'template' | 'vrl' };

const optionsOf = ({ definitions }: { definitions: Record<string, Schema> }): Found[] => {
  const found: Found[] = [];
  const walk = (schema: Schema, at: Omit<Found, 'language'>, within: readonly string[]): void => {
    const name = schema.$ref?.replace('#/definitions/', '');
    const language = name === undefined ? undefined : languages[name];
    if (language) found.push({ ...at, language });
    else if (name !== undefined && !within.includes(name)) walk(definitions[name] ?? {}, at, [...within, name]);
    const below = (part: string | number, inner: Schema): void =>
      walk(inner, { ...at, path: [...at.path, part] }, within);
    for (const one of [...(schema.allOf ?? []), ...(schema.oneOf ?? []), ...(schema.anyOf ?? [])])
      walk(one, at, within);
    for (const [part, inner] of Object.entries(schema.properties ?? {})) below(part, inner);
    if (typeof schema.additionalProperties === 'object') below('any name', schema.additionalProperties);
    for (const item of [schema.items ?? []].flat()) below(0, item);
  };
  for (const [section, definition] of [
    ['sources', 'Sources'],
    ['transforms', 'Transforms'],
    ['sinks', 'Sinks'],
  ] as const) {
    for (const component of definitions[`vector::${section}::${definition}`]?.oneOf ?? []) {
      const type = component.allOf?.map((part) => part.properties?.type?.const).find((name) => name !== undefined);
      if (type !== undefined) walk(component, { section, type, path: [] }, []);
    }
  }
  return found;
};

describe.skipIf(!hasVector())("Vector's own schema (skipped where no vector is on the PATH)", () => {
  test('every option that it calls a template or a condition is in the table of options as one', () => {
    const schema = JSON.parse(
      spawnSync('vector', ['generate-schema'], { encoding: 'utf8', maxBuffer: 1 << 26 }).stdout,
    );
    const found = optionsOf(schema);
    expect(found.length).toBeGreaterThan(20);
    const missed = found.filter((option) => optionAt(option).kind !== option.language);
    expect(missed).toEqual([]);
  });
});
