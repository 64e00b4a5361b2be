import { nearest } from '../nearest.ts';
import { KINDS } from '../vector/config/component-kinds.ts';
import type { ConfigComponent } from './component.ts';
import { type ComponentTable, KIND_OF } from './component.ts';
import { errorAt, type Found, noteAt } from './finding.ts';
import { isFilledIn, oneOf, shortened } from './kinds.ts';
import type { VectorSchema } from './schema.ts';

/** Whether the schema says what options a component of this type has. Pure. */
export const isOfSchema = ({ table, type }: Pick<ConfigComponent, 'table' | 'type'>, schema: VectorSchema): boolean =>
  type !== undefined && Object.hasOwn(typesIn(table, schema), type);

const typesIn = (table: ComponentTable, schema: VectorSchema): Readonly<Record<string, number>> =>
  schema.shapes[schema[table]]?.table?.tags?.find(({ name }) => name === 'type')?.tables ?? {};

/**
 * What is said of a component whose type the schema does not have: nothing against it, since another Vector may well have it. But one
 * that no Vector has, and that is nearly one that there is, is a slip. Pure.
 */
export const typeFindings = ({ table, id, type, options }: ConfigComponent, schema: VectorSchema): Found[] => {
  const path = [table, id, 'type'];
  const types = Object.keys(typesIn(table, schema));
  if (type === undefined)
    return options.type === undefined
      ? [errorAt(path, `is missing; it is ${oneOf(types)}`)]
      : [errorAt(path, 'has to be a text')];
  if (isFilledIn(type)) return [];
  const kind = KIND_OF[table];
  const others = kind === undefined ? OTHER_TABLES : [...KINDS[kind]];
  const meant = others.includes(type) ? undefined : nearest(type, [...new Set([...types, ...others])]);
  if (meant !== undefined)
    return [errorAt(path, `is ${shortened(type)}, which no Vector has; did you mean "${meant}"?`)];
  return [
    noteAt(path, `is ${shortened(type)}, whose options are not checked: this check knows only ${types.join(', ')}`),
  ];
};

/** Tables of Vector 0.57 that a build may lack. */
const OTHER_TABLES: readonly string[] = ['geoip', 'mmdb'];
