import type { Shape, TableShape, VectorSchema } from '../../lib/vector-check/schema.ts';
import { type Draft, type DraftTable, emptyTable, KINDS } from './draft.ts';

/** The drafts of a whole configuration as the file that nvl carries: what is alike stands in it once. Pure. */
export const compactSchema = ({
  vector,
  globals,
  kinds,
}: {
  vector: string;
  globals: DraftTable;
  /** What one component is, by the name of the table with the components. */
  kinds: Readonly<Record<ComponentTable, Draft>>;
}): VectorSchema => {
  const shapes: Shape[] = [{}];
  const known = new Map<string, number>([['{}', 0]]);
  const place = (shape: Shape): number => {
    const text = JSON.stringify(shape);
    const found = known.get(text) ?? shapes.length;
    if (found === shapes.length) {
      known.set(text, found);
      shapes.push(shape);
    }
    return found;
  };
  const add = (draft: Draft): number => (draft.any ? 0 : place(shapeOf(draft, add)));
  return {
    vector,
    ...(Object.fromEntries(COMPONENT_TABLES.map((name) => [name, add(kinds[name])])) as Record<ComponentTable, number>),
    globals: add({ table: globals }),
    shapes,
  };
};

export const COMPONENT_TABLES = ['sources', 'transforms', 'sinks', 'enrichment_tables'] as const;
type ComponentTable = (typeof COMPONENT_TABLES)[number];

type Add = (draft: Draft) => number;

const shapeOf = (draft: Draft, add: Add): Shape => {
  const { text, form, int, num, bool, list, table, lax } = draft;
  const alsoTaken = KINDS.filter((kind) => lax?.has(kind));
  return {
    ...(text === undefined ? {} : { text: text === true ? true : [...text].sort() }),
    ...(form === undefined ? {} : { form }),
    ...(int === undefined
      ? {}
      : { int: int.min === undefined && int.max === undefined ? true : [int.min ?? null, int.max ?? null] }),
    ...(num ? { num } : {}),
    ...(bool ? { bool } : {}),
    ...(list === undefined ? {} : { list: add(list) }),
    ...(table === undefined ? {} : { table: tableShape(table, add) }),
    ...(alsoTaken.length === 0 ? {} : { lax: alsoTaken }),
  };
};

const tableShape = ({ options, required, other, aliases, tags, isSingle }: DraftTable, add: Add): TableShape => ({
  ...(options.size === 0 ? {} : { options: sorted(options, add) }),
  ...(required.size === 0 ? {} : { required: [...required].sort() }),
  ...(other === 'refused' ? {} : { other: other === 'ignored' ? other : add(other) }),
  ...(aliases.size === 0 ? {} : { aliases: sorted(aliases, (name) => name) }),
  ...(tags.length === 0
    ? {}
    : {
        tags: tags.map(({ name, isRequired, isOpen, tables }) => ({
          name,
          ...(isRequired ? {} : { isOptional: true as const }),
          ...(isOpen ? { isOpen: true as const } : {}),
          tables: sorted(tables, (table) => add({ table: { ...emptyTable(), ...table } })),
        })),
      }),
  ...(isSingle ? { isSingle } : {}),
});

const sorted = <Value, Made>(map: ReadonlyMap<string, Value>, make: (value: Value) => Made): Record<string, Made> =>
  Object.fromEntries([...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => [name, make(value)]));
