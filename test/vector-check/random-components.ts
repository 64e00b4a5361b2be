import { COMPONENT_TABLES, type ComponentTable } from '../../lib/vector-check/component.ts';
import type { TableShape, VectorSchema } from '../../lib/vector-check/schema.ts';
import { createRandom, type Random } from './random.ts';

export type RandomComponent = { table: ComponentTable; id: string; options: Record<string, unknown> };

/**
 * Components with options that fit a schema, and every second of them with one thing changed: a value of another kind, an option that is
 * gone, or one with another name. The same for the same seed.
 */
export const randomComponents = ({
  schema,
  seed,
  count,
}: {
  schema: VectorSchema;
  seed: number;
  count: number;
}): RandomComponent[] => {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, at) => {
    const table = random.oneOf(COMPONENT_TABLES);
    const shape = schema.shapes[schema[table]]?.table ?? {};
    const options = randomTable({ shape, schema, random, depth: 0 });
    return { table, id: `c${at}`, options: random.isLikely(0.5) ? options : changed(options, random) };
  });
};

const TEXTS = ['x', '127.0.0.1:9999', 'http://127.0.0.1:9999', '{{ a }}', 'local', '.a'];
const OTHERS: readonly unknown[] = [
  ...[
    '',
    '1',
    'true',
    'none',
    'gzip',
    0,
    -1,
    7,
    65_536,
    4_294_967_296,
    1.5,
    true,
    false,
    [],
    ['x'],
    [1],
    [true],
    [{}],
    [[]],
  ],
  ...[
    {},
    { x: 1 },
    { enabled: true },
    { type: 'x' },
    { codec: 'json' },
    { strategy: 'basic' },
    { type: 'vrl', source: 'true' },
  ],
];

type Drawn<Shape> = { shape: Shape; schema: VectorSchema; random: Random; depth: number };

const randomValue = ({ shape, schema, random, depth }: Drawn<number>): unknown => {
  const { text, int, num, bool, list, table } = schema.shapes[shape] ?? {};
  const [min, max] = int === true ? [null, null] : (int ?? []);
  const values: (() => unknown)[] = [
    ...(text === undefined ? [] : [() => random.oneOf(text === true ? TEXTS : text)]),
    ...(int === undefined ? [] : [() => random.oneOf([min ?? 0, max ?? 100, Math.max(min ?? 1, 1)])]),
    ...(num === undefined ? [] : [() => 1.5]),
    ...(bool === undefined ? [] : [() => random.isLikely(0.5)]),
    ...(list === undefined ? [] : [() => [randomValue({ shape: list, schema, random, depth: depth + 1 })]]),
    ...(table === undefined ? [] : [() => randomTable({ shape: table, schema, random, depth })]),
  ];
  return values.length === 0 ? random.oneOf(OTHERS) : random.oneOf(values)();
};

const randomTable = ({ shape, schema, random, depth }: Drawn<TableShape>): Record<string, unknown> => {
  const { options = {}, required = [], aliases = {}, tags = [], other, isSingle } = shape;
  const draw = (inner: number) => randomValue({ shape: inner, schema, random, depth: depth + 1 });
  const table: Record<string, unknown> = {};
  for (const { name, tables } of tags) {
    const text = random.oneOf(Object.keys(tables));
    const branch = schema.shapes[tables[text] ?? 0]?.table ?? {};
    Object.assign(table, { [name]: text }, randomTable({ shape: branch, schema, random, depth }));
  }
  const names = Object.keys(options);
  for (const name of isSingle ? [random.oneOf(names)] : names)
    if (isSingle || required.includes(name) || random.isLikely(0.35 / (depth + 1)))
      table[name] = draw(options[name] ?? 0);
  for (const [alias, name] of Object.entries(aliases))
    if (random.isLikely(0.1)) {
      delete table[name];
      table[alias] = draw(options[name] ?? 0);
    }
  if (typeof other === 'number') table.key = draw(other);
  return table;
};

const changed = (options: Record<string, unknown>, random: Random): Record<string, unknown> => {
  const copy = structuredClone(options);
  const { holder, key } = random.oneOf(placesIn(copy));
  const way = random.next();
  if (way > 0.3 || Array.isArray(holder)) holder[key] = random.oneOf(OTHERS);
  else {
    if (way > 0.15) holder[`${key}s`] = holder[key];
    delete holder[key];
  }
  return copy;
};

type Place = { holder: Record<string, unknown>; key: string };

const placesIn = (value: unknown): Place[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([key, inner]) => [
        { holder: value as Record<string, unknown>, key },
        ...placesIn(inner),
      ]);
