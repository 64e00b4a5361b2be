import type { SkeletonPlan } from '../place/plan.ts';
import type { Run } from '../run/collector.ts';
import { Column } from '../write/column.ts';

/** A value that stands in a text as a literal, by the expression it came from: `['{{job.id}}', 'web']`. */
export type ReadValue = readonly [expression: string, value: unknown];

/** The context's own `id`, `input` and `logs.include`, as they are written where names mean what they mean in the context. */
const OWN = /^\{{2,3}~?\s*(?:id|input|logs\.include)\s*~?\}{2,3}$/;
/** The same wherever they are written. */
const OWN_ANYWHERE = /^\{{2,3}~?\s*@root\.(?:id|input|logs\.include)\s*~?\}{2,3}$/;

/**
 * Every value that stands in the text as a literal, in the order of the run, except the context's own `id`, `input` and
 * `logs.include`. An expression that may be a column and is a literal says which time it is (`{{this}}#2`): the list then
 * tells where in the text each value stands.
 */
export const readsOf = (
  { puts }: Run,
  { plan, values = [] }: { plan?: SkeletonPlan | undefined; values?: readonly unknown[] } = {},
): ReadValue[] => {
  const times = new Map<string, number>();
  const columned = new Set(
    plan?.parts.flatMap((part) => (typeof part !== 'string' && part.column !== undefined ? [part.valueIndex] : [])),
  );
  return puts.flatMap(({ expression, value, valueIndex, frame }): ReadValue[] => {
    const time = (times.get(expression) ?? 0) + 1;
    times.set(expression, time);
    if (valueIndex === undefined) return [[expression, value]];
    if (values[valueIndex] instanceof Column) return [];
    if ((frame === '' && OWN.test(expression)) || OWN_ANYWHERE.test(expression)) return [];
    return [[columned.has(valueIndex) ? `${expression}#${time}` : expression, value]];
  });
};
