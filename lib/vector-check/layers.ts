import { didYouMean } from '../nearest.ts';
import type { Table } from '../table.ts';
import { errorAt, type Found } from './finding.ts';
import { kindOf, oneOf, shortened } from './kinds.ts';
import type { TableShape, TagShape, VectorSchema } from './schema.ts';

/**
 * The tables that a value has to be at once: the one that is asked for, and those that its options choose, as `codec` does. `leaves`
 * choose no further one. Where a choice is unclear, it is not known which other options there are. Pure.
 */
export const layersOf = ({
  value,
  path,
  shape,
  schema,
}: {
  value: Table;
  path: readonly PropertyKey[];
  shape: TableShape;
  schema: VectorSchema;
}): Layers => {
  const layers = [shape];
  const leaves: TableShape[] = [];
  const choices: Choice[] = [];
  // It grows while it is walked.
  for (const layer of layers) {
    const chosen = (layer.tags ?? []).map((tag) => chosenBy({ value, path, tag, schema }));
    const tables = chosen.flatMap(({ table }) => table ?? []);
    choices.push(...chosen);
    layers.push(...tables);
    if (tables.length === 0) leaves.push(layer);
  }
  return {
    layers,
    leaves,
    isKnown: choices.every(({ table }) => table !== undefined),
    findings: choices.flatMap(({ finding }) => finding ?? []),
  };
};

export type Layers = { layers: TableShape[]; leaves: TableShape[]; isKnown: boolean; findings: Found[] };

type Choice = { table?: TableShape | undefined; finding?: Found };

const chosenBy = ({
  value,
  path,
  tag,
  schema,
}: {
  value: Table;
  path: readonly PropertyKey[];
  tag: TagShape;
  schema: VectorSchema;
}): Choice => {
  const text = value[tag.name];
  const texts = Object.keys(tag.tables);
  const refuse = (words: string): Choice => ({ finding: errorAt([...path, tag.name], words) });
  if (text === undefined) return tag.isOptional ? {} : refuse(`is missing; it is ${oneOf(texts)}`);
  if (kindOf(text) === undefined) return {};
  if (typeof text !== 'string') return refuse(`has to be ${oneOf(texts)}`);
  if (Object.hasOwn(tag.tables, text)) return { table: schema.shapes[tag.tables[text] ?? 0]?.table };
  return tag.isOpen ? {} : refuse(`is ${shortened(text)}, and has to be ${oneOf(texts)}${didYouMean(text, texts)}`);
};

/** The place of an option's shape; undefined where the tables have no such option. Pure. */
export const shapeOfOption = (option: string, layers: readonly TableShape[]): number | undefined => {
  for (const { options = {}, aliases = {}, tags = [] } of layers) {
    if (Object.hasOwn(options, option)) return options[option];
    if (Object.hasOwn(aliases, option)) return options[aliases[option] ?? ''] ?? 0;
    if (tags.some(({ name }) => name === option)) return 0;
  }
  return undefined;
};

/** The names of all options that a value of these tables may have. Pure. */
export const optionsIn = (layers: readonly TableShape[]): string[] => [
  ...new Set(
    layers.flatMap(({ options = {}, aliases = {}, tags = [] }) => [
      ...Object.keys(options),
      ...Object.keys(aliases),
      ...tags.map(({ name }) => name),
    ]),
  ),
];

/** What becomes of an option that is not known: where one of the tables takes it, it is taken. Pure. */
export const otherOf = (leaves: readonly TableShape[]): TableShape['other'] => {
  const others = leaves.map(({ other }) => other);
  return others.find((other) => typeof other === 'number') ?? others.find((other) => other === 'ignored');
};

/** Options that a value has to have and does not. Pure. */
export const missingIn = (value: Table, layers: readonly TableShape[]): string[] => {
  const required = layers.flatMap((layer) => layer.required ?? []).filter((option) => !Object.hasOwn(value, option));
  if (required.length === 0) return [];
  const aliases = layers.flatMap((layer) => Object.entries(layer.aliases ?? {}));
  return [...new Set(required)].filter(
    (option) => !aliases.some(([alias, of]) => of === option && Object.hasOwn(value, alias)),
  );
};
