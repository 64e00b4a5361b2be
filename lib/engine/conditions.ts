import { objectOf } from '../json.ts';
import type { VrlEvent } from '../vrl/answers.ts';
import type { Vrl, VrlProgram, VrlRunOptions } from '../vrl/vrl.ts';

/** What decides about an event. */
export type Condition = { kind: 'always' } | { kind: 'never' } | { kind: 'vrl'; source: string };

/**
 * Reads a condition as Vector's options have it: a program, or a table with a type. Undefined for a type that this engine does not know.
 *
 * @source https://vector.dev/docs/reference/configuration/transforms/filter/#condition
 */
export const parseCondition = (value: unknown): Condition | undefined => {
  if (typeof value === 'string') return { kind: 'vrl', source: value };
  const { type, source } = objectOf(value);
  if ((type === 'vrl' || type === undefined) && typeof source === 'string') return { kind: 'vrl', source };
  // Whatever comes out of a file is a log.
  if (type === 'is_log') return { kind: 'always' };
  return type === 'is_metric' || type === 'is_trace' ? { kind: 'never' } : undefined;
};

/** The program of a condition, where it has one. Errors speak of it by `name`. */
export const programsOf = ({ name, condition }: { name: string; condition: Condition }): VrlProgram[] =>
  condition.kind === 'vrl' ? [{ name, source: condition.source, kind: 'condition' }] : [];

/**
 * Whether each of these events fulfils it. One whose program fails does not. Times without a zone are the machine's to Vector (0.57), whatever
 * zone the configuration names; here they are UTC.
 */
export const checkAll = async ({
  vrl,
  name,
  condition,
  events,
  options,
}: {
  vrl: Vrl;
  /** By which errors speak of it. */
  name: string;
  condition: Condition;
  events: readonly VrlEvent[];
  options: VrlRunOptions;
}): Promise<readonly boolean[]> => {
  const [program] = programsOf({ name, condition });
  if (program === undefined) return events.map(() => condition.kind === 'always');
  if (events.length === 0) return [];
  const { results } = await vrl.run(program, events, { ...options, timezone: 'UTC' });
  return events.map((_, index) => {
    const result = results[index];
    return result?.kind === 'done' && result.value === true;
  });
};
