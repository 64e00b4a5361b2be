import { parse } from 'smol-toml';
import { type JsonObject, objectOf, textOf } from '../json.ts';
import { expandInputs } from './inputs.ts';

/** The parts of a configuration that an engine runs. */
export type EngineConfig = {
  sources: readonly ComponentConfig[];
  /** Each behind those that it reads. */
  transforms: readonly TransformConfig[];
  /** Enrichment tables of type `file`, by their ids. */
  tables: ReadonlyMap<string, TableConfig>;
  timezone: string | undefined;
  /** Options of all components that change events, and that an engine does not know. */
  unknown: readonly string[];
};

export type ComponentConfig = { id: string; type: string; options: JsonObject };

/** `inputs`: outputs of components, `id` or `id.port`, without wildcards. */
export type TransformConfig = ComponentConfig & { inputs: readonly string[] };

/** `path`: of its file. */
export type TableConfig = { path: string; schema: Readonly<Record<string, string>> };

/** Reads a configuration that Vector takes, as TOML. Sinks and everything else are left out. Pure. */
export const readEngineConfig = (text: string): EngineConfig => {
  const config = objectOf(parse(text));
  const { sources, transforms, enrichment_tables: tables, timezone } = config;
  const read = componentsIn(sources);
  return {
    sources: read,
    transforms: inOrderOfFlow({ sources: read, transforms: componentsIn(transforms) }),
    tables: new Map(Object.entries(objectOf(tables)).flatMap(([id, table]) => tableOf(id, objectOf(table)))),
    timezone: typeof timezone === 'string' ? timezone : undefined,
    unknown: UNKNOWN.filter((name) => config[name] !== undefined),
  };
};

const UNKNOWN = ['log_schema', 'schema'];

const componentsIn = (table: unknown): ComponentConfig[] =>
  Object.entries(objectOf(table)).map(([id, options]) => ({
    id,
    type: textOf(objectOf(options).type),
    options: objectOf(options),
  }));

const tableOf = (id: string, { type, file, schema }: JsonObject): [string, TableConfig][] => {
  if (type !== 'file') return [];
  const types = Object.entries(objectOf(schema)).map(([column, kind]) => [column, String(kind)] as const);
  return [[id, { path: textOf(objectOf(file).path), schema: Object.fromEntries(types) }]];
};

/** A transform in a circle, which Vector refuses, is left out. */
const inOrderOfFlow = ({
  sources,
  transforms,
}: {
  sources: readonly ComponentConfig[];
  transforms: readonly ComponentConfig[];
}): TransformConfig[] => {
  const left = new Map(expandInputs({ sources: sources.map(({ id }) => id), transforms }).map((one) => [one.id, one]));
  const order: TransformConfig[] = [];
  for (let isMore = true; isMore; ) {
    isMore = false;
    for (const [id, transform] of left) {
      if (transform.inputs.some((input) => left.has(componentOf(input, left)))) continue;
      order.push(transform);
      left.delete(id);
      isMore = true;
    }
  }
  return order;
};

/** Of an input, which may name one of the outputs behind a dot. No id has a dot. */
const componentOf = (input: string, known: ReadonlyMap<string, unknown>): string =>
  known.has(input) ? input : (input.split('.', 1)[0] ?? input);
