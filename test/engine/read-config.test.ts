import { stringify } from 'smol-toml';
import { expect, test } from 'vitest';
import { readEngineConfig } from '../../lib/engine/read-config.ts';

type Options = Record<string, unknown>;

/** The transforms in the order in which they run, each with what it reads. */
const flowOf = (transforms: Record<string, Options>, sources: Record<string, Options> = { in: { type: 'file' } }) =>
  readEngineConfig(stringify({ sources, transforms })).transforms.map(
    ({ id, inputs }) => `${id} < ${inputs.join(' ')}`,
  );

const remap = (inputs: string[], options: Options = {}) => ({ type: 'remap', inputs, ...options });
const BY = { type: 'route', inputs: ['in'], route: { a: 'true', b: 'true' } };

test.each<[string, Record<string, Options>, string[]]>([
  [
    'a chain, whatever comes first',
    { c: remap(['b']), b: remap(['a']), a: remap(['in']) },
    ['a < in', 'b < a', 'c < b'],
  ],
  ['several inputs', { c: remap(['b', 'in']), b: remap(['in']) }, ['b < in', 'c < b in']],
  ['an output with a name', { a: remap(['by.a']), by: BY }, ['by < in', 'a < by.a']],
  ['an input that nothing has', { a: remap(['no.such']) }, ['a < no.such']],
  [
    'a circle is left out, and what is behind it',
    { a: remap(['b']), b: remap(['a']), c: remap(['b']), d: remap(['in']) },
    ['d < in'],
  ],
  ['one that reads itself is left out', { a: remap(['a']), b: remap(['in']) }, ['b < in']],
])('the order of flow: %s', (_, transforms, flow) => expect(flowOf(transforms)).toEqual(flow));

const OUTPUTS = {
  by: BY,
  only: { type: 'route', inputs: ['in'], reroute_unmatched: false, route: { a: 'true' } },
  ex: { type: 'exclusive_route', inputs: ['in'], routes: [{ name: 'x', condition: 'true' }] },
  p1: remap(['in'], { reroute_dropped: true }),
  p10: remap(['in']),
  'a-b': { type: 'unheard_of', inputs: ['in'] },
};

test.each([
  ['in', 'in'],
  ['by.*', 'by.a by.b by._unmatched'],
  ['only*', 'only.a'],
  ['ex.?', 'ex.x'],
  ['p*', 'p1 p1.dropped p10'],
  ['p?', 'p1'],
  ['p[!1]', 'p[!1]'],
  ['[a-b]-b', 'a-b'],
  ['*.dropped', 'p1.dropped'],
  ['*', 'in by.a by.b by._unmatched only.a ex.x ex._unmatched p1 p1.dropped p10 a-b'],
  // No pattern that Vector can read.
  ['p**', 'p**'],
  ['[', '['],
  ['P1', 'P1'],
])('the input %s stands for %s', (input, outputs) =>
  expect(flowOf({ ...OUTPUTS, z: remap([input]) }).at(-1)).toBe(`z < ${outputs}`),
);

test('a transform does not read itself by a pattern', () =>
  expect(flowOf({ p1: remap(['in']), p2: remap(['p*']) })).toEqual(['p1 < in', 'p2 < p1']));

test('what else an engine needs is read, and nothing else', () => {
  const text = `
    timezone = "Asia/Tokyo"
    schema.log_namespace = true
    [sources.in]
    type = "stdin"
    [sinks.out]
    type = "console"
    inputs = ["in"]
    [enrichment_tables.rows]
    type = "file"
    file.path = "/rows.csv"
    schema.n = "integer"
    [enrichment_tables.places]
    type = "geoip"
    path = "/places"
  `;
  expect(readEngineConfig(text)).toEqual({
    sources: [{ id: 'in', type: 'stdin', options: { type: 'stdin' } }],
    transforms: [],
    tables: new Map([['rows', { path: '/rows.csv', schema: { n: 'integer' } }]]),
    timezone: 'Asia/Tokyo',
    unknown: ['schema'],
  });
});

test('an empty configuration is one', () =>
  expect(readEngineConfig('')).toEqual({
    sources: [],
    transforms: [],
    tables: new Map(),
    timezone: undefined,
    unknown: [],
  }));
