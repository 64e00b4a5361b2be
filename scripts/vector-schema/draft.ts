import type { TextForm } from '../../lib/vector-check/schema.ts';

/**
 * What a value may be, kind by kind, while it is drawn up: what `vector generate-schema` says first, then what the Vector itself
 * was seen to take (`confirm.ts`). A kind that is not there is refused.
 */
export type Draft = {
  /** Whatever it is. */
  any?: true;
  /** All texts, or these alone. */
  text?: true | Set<string>;
  form?: TextForm;
  /** Some texts are refused. */
  isStrict?: boolean;
  /** Whole numbers, where `min` and `max` are limits. */
  int?: { min?: number; max?: number };
  /** Numbers with a fraction. */
  num?: true;
  bool?: true;
  list?: Draft;
  table?: DraftTable;
  /** Kinds that Vector takes too, though its schema does not say so: whatever they hold, and nobody is told of them. */
  lax?: Set<Kind>;
  /** What Vector takes here, where not every text or number will do. */
  example?: string | number;
};

export const KINDS = ['text', 'int', 'num', 'bool', 'list', 'table'] as const;
export type Kind = (typeof KINDS)[number];

export type DraftTable = {
  options: Map<string, Draft>;
  required: Set<string>;
  /** What becomes of an option that is not listed: Vector refuses or ignores it, or it is a key of a map with such values. */
  other: 'refused' | 'ignored' | Draft;
  /** Further names of options. */
  aliases: Map<string, string>;
  /** Options whose text says which further options there are. */
  tags: Tag[];
  /** It has exactly one of its options. */
  isSingle?: boolean;
};

export type Tag = {
  name: string;
  isRequired: boolean;
  /** It may have other texts. */
  isOpen: boolean;
  /** A sample has it. */
  isSampled: boolean;
  tables: Map<string, DraftTable>;
};

export type JsonSchema = {
  $ref?: string;
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: JsonSchema | boolean;
  items?: JsonSchema;
  allOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  anyOf?: JsonSchema[];
  minimum?: number;
  maximum?: number;
  format?: string;
  default?: unknown;
  definitions?: Record<string, JsonSchema>;
  _metadata?: Record<string, unknown>;
};

/** Vector's JSON Schema as a draft, as strict as it can be read; each use of a definition by itself. Pure. */
export const draftOf = (schema: JsonSchema, definitions: Readonly<Record<string, JsonSchema>>): Draft => {
  // The schema has the number of a character, and Vector takes the character.
  if (schema._metadata?.['docs::type_override'] === 'ascii_char') return { text: true, example: ',' };
  const draft = merged([ownDraft(schema, definitions), ...partsOf(schema, definitions)]);
  const example = exampleIn(schema);
  return example === undefined ? draft : { ...draft, example };
};

const partsOf = (schema: JsonSchema, definitions: Readonly<Record<string, JsonSchema>>): Draft[] => {
  const all = (schema.allOf ?? []).map((part) => draftOf(part, definitions));
  const choice = [...(schema.oneOf ?? []), ...(schema.anyOf ?? [])].map((part) => draftOf(part, definitions));
  const name = /^#\/definitions\/(.*)$/.exec(schema.$ref ?? '')?.[1];
  const referred = name === undefined ? undefined : definitions[name];
  if (name !== undefined && referred === undefined) throw new Error(`the schema has no ${name}`);
  const example = EXAMPLES.find(([of]) => of.test(name ?? ''))?.[1];
  return [
    ...(referred === undefined
      ? []
      : [{ ...(example === undefined ? {} : { example }), ...draftOf(referred, definitions) }]),
    ...all,
    ...(choice.length === 0 ? [] : [oneOf(choice)]),
  ];
};

/** Texts that the types of these names take. */
const EXAMPLES: readonly [of: RegExp, example: string | number][] = [
  [/StatusCode/, 200],
  [/SocketAddr|SocketListenAddr/, '127.0.0.1:9999'],
  [/UriSerde/, 'http://127.0.0.1:9999'],
  [/Ipv4Addr|IpAddr/, '127.0.0.1'],
  [/IpAllowlist/, '127.0.0.0/8'],
  [/TimeZone/, 'local'],
  [/Path\b/, 'x'],
];

const exampleIn = ({ format, default: standard, _metadata: metadata }: JsonSchema): string | number | undefined => {
  if (format === 'uri') return 'http://127.0.0.1:9999';
  const examples = [standard, ...[metadata?.['docs::examples']].flat()];
  return examples.find((example) => typeof example === 'string' && example !== '') as string | undefined;
};

const ownDraft = (schema: JsonSchema, definitions: Readonly<Record<string, JsonSchema>>): Draft => {
  if (schema.const !== undefined) return constDraft(schema.const);
  if (schema.enum !== undefined) return oneOf(schema.enum.map(constDraft));
  const types = [schema.type ?? []].flat();
  const limits = {
    ...(schema.minimum === undefined || Math.abs(schema.minimum) >= SAFE ? {} : { min: schema.minimum }),
    ...(schema.maximum === undefined || Math.abs(schema.maximum) >= SAFE ? {} : { max: schema.maximum }),
  };
  return {
    ...(types.includes('string') ? { text: true } : {}),
    ...(types.includes('integer') ? { int: limits } : {}),
    ...(types.includes('number') ? { int: {}, num: true } : {}),
    ...(types.includes('boolean') ? { bool: true } : {}),
    ...(types.includes('array') ? { list: draftOf(schema.items ?? ANY, definitions) } : {}),
    ...(types.includes('object') ? { table: ownTable(schema, definitions) } : {}),
  };
};

const ANY: JsonSchema = { type: ['string', 'number', 'boolean', 'array', 'object'] };

/** Vector's schema gives the whole numbers of JavaScript as limits where it has none. */
const SAFE = Number.MAX_SAFE_INTEGER - 1;

const constDraft = (value: unknown): Draft => {
  if (typeof value === 'string') return { text: new Set([value]) };
  if (typeof value === 'boolean') return { bool: true };
  return { int: {}, num: true };
};

const ownTable = (
  { properties = {}, required = [], additionalProperties }: JsonSchema,
  definitions: Readonly<Record<string, JsonSchema>>,
): DraftTable => ({
  options: new Map(Object.entries(properties).map(([name, option]) => [name, draftOf(option, definitions)])),
  required: new Set(required),
  other: typeof additionalProperties === 'object' ? draftOf(additionalProperties, definitions) : 'refused',
  aliases: new Map(),
  tags: [],
});

/** All of the parts together: `allOf`. */
const merged = (parts: readonly Draft[]): Draft => {
  const tables = parts.flatMap(({ table }) => table ?? []);
  const whole: Draft = Object.assign({}, ...parts);
  const [table] = tables;
  if (table !== undefined) whole.table = tables.length === 1 ? table : mergedTable(tables);
  return whole;
};

const mergedTable = (tables: readonly DraftTable[]): DraftTable => ({
  options: new Map(tables.flatMap(({ options }) => [...options])),
  required: new Set(tables.flatMap(({ required }) => [...required])),
  other: tables.map(({ other }) => other).find((other) => other !== 'refused') ?? 'refused',
  aliases: new Map(),
  tags: tables.flatMap(({ tags }) => tags),
});

/** One of several: `oneOf`. */
const oneOf = (choice: readonly Draft[]): Draft => {
  const texts = choice.flatMap(({ text }) => text ?? []);
  const ints = choice.flatMap(({ int }) => int ?? []);
  const lists = choice.flatMap(({ list }) => list ?? []);
  const tables = choice.flatMap(({ table }) => table ?? []);
  const example = choice.find((one) => one.example !== undefined)?.example;
  return {
    ...(choice.some(({ num }) => num) ? { num: true } : {}),
    ...(choice.some(({ bool }) => bool) ? { bool: true } : {}),
    ...(texts.length === 0
      ? {}
      : { text: texts.includes(true) ? true : new Set(texts.flatMap((set) => [...(set as Set<string>)])) }),
    ...(ints.length === 0 ? {} : { int: ints.length === 1 ? (ints[0] ?? {}) : {} }),
    ...(lists.length === 0 ? {} : { list: oneOf(lists) }),
    ...(tables.length === 0 ? {} : { table: oneTable(tables) }),
    ...(example === undefined ? {} : { example }),
  };
};

const oneTable = (tables: readonly DraftTable[]): DraftTable => {
  const [first] = tables;
  if (first === undefined) throw new Error('one table of none');
  if (tables.length === 1 && tagOf(tables) === undefined) return first;
  const tag = tagOf(tables);
  if (tag !== undefined) {
    const of = { name: tag, isRequired: true, isOpen: false, isSampled: true, tables: taggedBy(tag, tables) };
    return { ...emptyTable(), tags: [of] };
  }
  const names = [...new Set(tables.flatMap(({ options }) => [...options.keys()]))];
  return {
    ...emptyTable(),
    options: new Map(names.map((name) => [name, oneOf(tables.flatMap(({ options }) => options.get(name) ?? []))])),
    required: new Set(names.filter((name) => tables.every(({ required }) => required.has(name)))),
    tags: tables.flatMap(({ tags }) => tags).map((of) => ({ ...of, isRequired: false, isSampled: false })),
    isSingle:
      names.length === tables.length &&
      tables.every(({ options, required }) => options.size === 1 && required.size === 1),
    other: tables.map(({ other }) => other).find((other) => other !== 'refused') ?? 'refused',
  };
};

export const emptyTable = (): DraftTable => ({
  options: new Map(),
  required: new Set(),
  other: 'refused',
  aliases: new Map(),
  tags: [],
});

/** The option that has one text in each of the tables, and another in each. */
const tagOf = (tables: readonly DraftTable[]): string | undefined => {
  const names = [...(tables[0]?.options.keys() ?? [])];
  return names.find((name) => {
    const texts = tables.map((table) => (table.required.has(name) ? constIn(table, name) : undefined));
    return texts.every((text) => text !== undefined) && new Set(texts).size === texts.length;
  });
};

const constIn = ({ options }: DraftTable, name: string): string | undefined => {
  const text = options.get(name)?.text;
  return text instanceof Set && text.size === 1 ? [...text][0] : undefined;
};

const taggedBy = (tag: string, tables: readonly DraftTable[]): Map<string, DraftTable> =>
  new Map(
    tables.map((table) => {
      const options = new Map([...table.options].filter(([name]) => name !== tag));
      const required = new Set([...table.required].filter((name) => name !== tag));
      return [constIn(table, tag) ?? '', { ...table, options, required }];
    }),
  );
