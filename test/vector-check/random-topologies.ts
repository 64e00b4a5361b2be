import { createRandom, type Random } from './random.ts';

type Options = Record<string, unknown>;
export type Topology = Record<'sources' | 'transforms' | 'sinks' | 'enrichment_tables', Record<string, Options>>;

/** Small configurations whose options are right, and whose inputs, names and outputs may be. The same for the same seed. */
export const randomTopologies = ({ seed, count }: { seed: number; count: number }): Topology[] => {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => randomTopology(random));
};

const SOURCES: readonly Options[] = [
  { type: 'demo_logs', format: 'json' },
  { type: 'demo_logs', format: 'json' },
  { type: 'internal_metrics' },
];

/** With what each gives: nothing stands for the transform itself. */
const TRANSFORMS: readonly (readonly [Options, ...string[]])[] = [
  [{ type: 'filter', condition: 'true' }, ''],
  [{ type: 'remap', source: '.', reroute_dropped: true }, '', '.dropped'],
  [{ type: 'remap', source: '.' }, ''],
  [{ type: 'route', route: { x: 'true', y: 'true' } }, '.x', '.y', '._unmatched'],
  [{ type: 'route', route: { x: 'true' }, reroute_unmatched: false }, '.x'],
  [{ type: 'exclusive_route', routes: [{ name: 'x', condition: 'true' }] }, '.x', '._unmatched'],
  [{ type: 'reduce' }, ''],
  [{ type: 'log_to_metric', metrics: [{ type: 'counter', field: 'a' }] }, ''],
];

const SINKS: readonly Options[] = [
  { type: 'blackhole' },
  { type: 'blackhole' },
  { type: 'loki', endpoint: 'http://127.0.0.1:3100', encoding: { codec: 'json' }, labels: { a: 'b' } },
];

const ODD_INPUTS = [
  '*',
  'a*',
  '?',
  '*.x',
  't1.*',
  't2.x',
  't1',
  'q',
  'q*',
  '[a-b]*',
  'a[',
  '**',
  'a**',
  '[!a]',
  'z',
  '',
  't?.dropped',
];

const randomTopology = (random: Random): Topology => {
  const sources = Object.fromEntries(
    ['a', 'ab', random.oneOf(['a[', 'a1'])]
      .slice(0, 1 + Math.floor(random.next() * 3))
      .map((id) => [id, random.oneOf(SOURCES)]),
  );
  const drawn = ['t1', 't2', 't3', 't?']
    .slice(0, Math.floor(random.next() * 5))
    .map((id) => ({ id, of: random.oneOf(TRANSFORMS) }));
  const outputs = [
    ...Object.keys(sources),
    ...drawn.flatMap(({ id, of: [, ...names] }) => names.map((name) => `${id}${name}`)),
  ];
  const inputs = (): string[] =>
    Array.from({ length: 1 + Math.floor(random.next() * 2) }, () =>
      random.oneOf(random.isLikely(0.85) ? outputs : ODD_INPUTS),
    );
  const sinks = ['z', ...(random.isLikely(0.15) ? [random.oneOf(['a', 't1', 'y.y', 'm'])] : [])];
  const table = {
    type: 'memory',
    inputs: inputs(),
    ...(random.isLikely(0.5) ? { source_config: { source_key: random.oneOf(['s', 'a']) } } : {}),
  };
  return {
    sources,
    transforms: Object.fromEntries(drawn.map(({ id, of: [options] }) => [id, { ...options, inputs: inputs() }])),
    sinks: Object.fromEntries(sinks.map((id) => [id, { ...random.oneOf(SINKS), inputs: inputs() }])),
    enrichment_tables: random.isLikely(0.2) ? { [random.oneOf(['m', 'a', 't1'])]: table } : {},
  };
};
