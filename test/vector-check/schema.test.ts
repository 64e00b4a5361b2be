import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { OLDEST_VERSION } from '../../lib/vector/process/find.ts';
import { COMPONENT_TABLES } from '../../lib/vector-check/component.ts';
import { isSameRelease, VECTOR_SCHEMA } from '../../lib/vector-check/read-schema.ts';
import type { Shape, TableShape } from '../../lib/vector-check/schema.ts';

const shapeAt = (place: number | undefined): Shape => VECTOR_SCHEMA.shapes[place ?? -1] ?? { text: ['no such shape'] };

/** The table of a type, and of an option in it. */
const tableOf = (kind: (typeof COMPONENT_TABLES)[number], type: string): TableShape =>
  shapeAt(shapeAt(VECTOR_SCHEMA[kind]).table?.tags?.[0]?.tables[type]).table ?? {};

test('the schema is that of a Vector that nvl works with', () => {
  expect(isSameRelease(VECTOR_SCHEMA, OLDEST_VERSION)).toBe(true);
});

test('it is small, and every place in it is there', () => {
  expect(readFileSync('lib/vector-check/schema/0.57.json', 'utf8').length).toBeLessThan(40_000);
  const places = VECTOR_SCHEMA.shapes.flatMap(({ list, table }) => [
    ...(list === undefined ? [] : [list]),
    ...Object.values(table?.options ?? {}),
    ...(typeof table?.other === 'number' ? [table.other] : []),
    ...(table?.tags ?? []).flatMap(({ tables }) => Object.values(tables)),
  ]);
  expect(places.filter((place) => VECTOR_SCHEMA.shapes[place] === undefined)).toEqual([]);
  expect(COMPONENT_TABLES.map((table) => shapeAt(VECTOR_SCHEMA[table]).table?.tags?.[0]?.name)).toEqual(
    COMPONENT_TABLES.map(() => 'type'),
  );
});

test('it has the types that nvl’s own templates use', () => {
  const types = (table: (typeof COMPONENT_TABLES)[number]) =>
    Object.keys(shapeAt(VECTOR_SCHEMA[table]).table?.tags?.[0]?.tables ?? {});
  expect(types('sources')).toEqual(expect.arrayContaining(['docker_logs', 'file', 'journald']));
  expect(types('transforms')).toEqual(expect.arrayContaining(['reduce', 'remap', 'route', 'sample', 'throttle']));
  expect(types('sinks')).toEqual(expect.arrayContaining(['console', 'elasticsearch', 'file', 'loki', 'vector']));
  expect(types('enrichment_tables')).toEqual(['file', 'memory']);
});

// What Vector's own schema does not say, each found by asking it.
test('it has older names of options, and what needs to be there', () => {
  expect(tableOf('sources', 'file').aliases).toMatchObject({
    fingerprinting: 'fingerprint',
    ignore_older: 'ignore_older_secs',
  });
  expect(tableOf('sinks', 'loki').required).toEqual(['encoding', 'endpoint', 'labels']);
  expect(shapeAt(tableOf('sinks', 'loki').options?.acknowledgements).lax).toEqual(['bool']);
  expect(shapeAt(tableOf('sources', 'http_server').options?.address).form).toBe('address');
});

test('what only other builds have is not refused', () => {
  const codecs = shapeAt(tableOf('sinks', 'console').options?.encoding).table?.tags?.find(
    ({ name }) => name === 'codec',
  );
  expect(Object.keys(codecs?.tables ?? {})).toContain('syslog');
  expect(tableOf('sinks', 'elasticsearch').options).toHaveProperty('aws', 0);
});
