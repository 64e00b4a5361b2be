import type { Part, SkeletonPlan, Slot } from '../place/plan.ts';

/**
 * What a verdict on a text depends on, beside its skeleton, where all values are plain: texts with the same key have the
 * same verdict. These are the ids, inputs, yes/no options and what a source says, each as the context's own `id`, `input`
 * or `logs.include` where it is that; and which values are empty.
 *
 * `[sources.{{id}}]` for the tasks `nvl_1_web` and `nvl_2_web` gives `{{id}}` for both, where `[sources.{{job.name}}]` gives
 * the names of their jobs.
 */
export const verdictKey = ({
  plan,
  values,
  context,
}: {
  plan: SkeletonPlan;
  values: readonly unknown[];
  context: object;
}): string => {
  const own = context as Own;
  // An empty text may be an empty path, over which Vector ends: one without it is no example for one with it.
  const empty = values.flatMap((value, valueIndex) => (value === '' ? [valueIndex] : []));
  return [...plan.identifying.map((parts) => identify(parts, values, own)), empty.join()].join('\n');
};

type Own = { id?: unknown; input?: unknown; logs?: { include?: readonly unknown[] } };

const identify = (parts: readonly Part[], values: readonly unknown[], own: Own): string => {
  let text = '';
  for (const part of parts) text += typeof part === 'string' ? part : identifyValue(part, values[part.valueIndex], own);
  return text;
};

/** Of a bare value that is no input only its kind tells, and a yes or no. */
const identifyValue = ({ surroundings: { option } }: Slot, value: unknown, { id, input, logs }: Own): string => {
  if (value === id) return '{{id}}';
  if (value === input) return '{{input}}';
  if (typeof value === 'object' && value !== null) {
    if (value === logs?.include) return '{{logs.include}}';
    const place = logs?.include?.indexOf(value) ?? -1;
    if (place !== -1) return `{{logs.include.[${place}]}}`;
  }
  if (option === undefined || option.isIdentifying || typeof value === 'boolean') return String(value);
  return Array.isArray(value) ? 'list' : typeof value;
};
