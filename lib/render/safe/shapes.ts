import type { Part, Plan, Slot } from './place/plan.ts';

const mostKept = 1_000;

/**
 * Tells texts apart that have one skeleton and plain values, but may not be taken for each other: whose ids, inputs,
 * yes/no options and sources differ in more than the context's own `id`, `input` and `logs.include`.
 */
export const createShapes = () => {
  const kept = new WeakMap<Plan, Map<string, object>>();
  return {
    of: (plan: Plan, values: readonly unknown[], context: object): object => {
      const own = context as Own;
      // An empty text may be an empty path, over which Vector ends: one without it is no example for one with it.
      const empty = values.flatMap((value, put) => (value === '' ? [put] : []));
      const key = [...plan.telling.map((parts) => tell(parts, values, own)), empty.join()].join('\n');
      let shapes = kept.get(plan);
      if (!shapes || shapes.size >= mostKept) {
        shapes = new Map();
        kept.set(plan, shapes);
      }
      let shape = shapes.get(key);
      if (!shape) {
        shape = {};
        shapes.set(key, shape);
      }
      return shape;
    },
  };
};

type Own = { id?: unknown; input?: unknown; logs?: { include?: readonly unknown[] } };

const tell = (parts: readonly Part[], values: readonly unknown[], own: Own): string => {
  let told = '';
  for (const part of parts) told += typeof part === 'string' ? part : tellValue(part, values[part.put], own);
  return told;
};

/** Of a bare value that is no input only its kind tells, and a yes or no. */
const tellValue = ({ at }: Slot, value: unknown, { id, input, logs }: Own): string => {
  if (value === id) return '{{id}}';
  if (value === input) return '{{input}}';
  if (typeof value === 'object' && value !== null) {
    if (value === logs?.include) return '{{logs.include}}';
    const place = logs?.include?.indexOf(value) ?? -1;
    if (place !== -1) return `{{logs.include.[${place}]}}`;
  }
  if (at.option === undefined || at.option.isTold || typeof value === 'boolean') return String(value);
  return Array.isArray(value) ? 'list' : typeof value;
};
