import { Glob } from '../../../glob.ts';
import type { SkeletonPlan, Slot } from '../place/plan.ts';
import type { Run } from '../run/collector.ts';
import { Column } from './column.ts';
import { fieldsOf, isRecord, toNumber, toText } from './value.ts';

/** A value that stands in a table in place of the text: what its cell says, and how VRL types it back. */
export type Cell = {
  text: string;
  kind: 'string' | 'integer' | 'float' | 'boolean' | 'json';
  /** What of the template it came from, and in which frame: where a name means one thing ('' is the template itself). */
  expression: string;
  frame: string;
};

/**
 * The values as they stand in the text where some are columns of a table, and the cells of these, in the order of the text.
 * Two slots share a cell where the same expression in the same frame is of the same kind.
 */
export const withCells = (plan: SkeletonPlan, { values, puts }: Run): { values: unknown[]; cells: Cell[] } => {
  const cells: Cell[] = [];
  const known = new Map<string, number>();
  const written = [...values];
  const putOf = new Map(puts.map((put) => [put.valueIndex, put]));
  for (const slot of plan.parts) {
    if (typeof slot === 'string') continue;
    const cell = cellOf(slot, values[slot.valueIndex]);
    const put = putOf.get(slot.valueIndex);
    if (cell === undefined || put === undefined) continue;
    const { expression, frame } = put;
    const id = JSON.stringify([frame, expression, cell.kind]);
    const index = known.get(id) ?? cells.push({ ...cell, expression, frame }) - 1;
    known.set(id, index);
    const name = `nvl_c${index}`;
    written[slot.valueIndex] = new Column(slot.column === 'string' ? `{{ ${name} }}` : name);
  }
  return { values: written, cells };
};

type Typed = Omit<Cell, 'expression' | 'frame'>;

/** Undefined for what stays in the text. */
const cellOf = ({ column }: Slot, value: unknown): Typed | undefined => {
  if (column === undefined) return undefined;
  if (column === 'string' || typeof value === 'string' || value instanceof Glob)
    return { text: toText(value), kind: 'string' };
  if (typeof value === 'number')
    return { text: toNumber(value), kind: Number.isSafeInteger(value) ? 'integer' : 'float' };
  if (typeof value === 'boolean') return { text: String(value), kind: 'boolean' };
  return column === 'value' && isExactInJson(value) ? { text: toJson(value), kind: 'json' } : undefined;
};

/** Vector's JSON reader rounds a number with a fraction otherwise than VRL does. */
const isExactInJson = (value: unknown): boolean => {
  if (typeof value === 'number') return Number.isSafeInteger(value);
  if (Array.isArray(value)) return value.every(isExactInJson);
  return !isRecord(value) || fieldsOf(value).every(([, item]) => isExactInJson(item));
};

/** As a literal of VRL holds it: whatever has a text is one, a field that is undefined is none. */
const toJson = (value: unknown): string => {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return toNumber(value);
  if (Array.isArray(value)) return `[${value.map(toJson).join(',')}]`;
  if (!isRecord(value)) return JSON.stringify(toText(value));
  return `{${fieldsOf(value)
    .map(([key, item]) => `${JSON.stringify(toText(key))}:${toJson(item)}`)
    .join(',')}}`;
};
