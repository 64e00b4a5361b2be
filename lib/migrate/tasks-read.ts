import type { FoundComponent } from './found.ts';
import { type Expression, expressionOf } from './go/expression.ts';
import type { Guard } from './go/parts.ts';

/** The lines of which tasks something reads: of all, of those that a condition in VRL holds for, or of some that none says. */
export type TasksRead = { kind: 'all' } | { kind: 'some'; condition: string } | { kind: 'unclear'; why: string };

/**
 * Whose lines come by the outputs `tasks`. What a `range` writes under a condition exists for the tasks that fulfil it
 * alone; a sink that reads that alone must not get the lines of the others. Pure.
 */
export const tasksReadBy = ({
  tasks,
  taskOutputs,
  perTask,
}: {
  tasks: readonly string[];
  taskOutputs: readonly string[];
  perTask: readonly FoundComponent[];
}): TasksRead => {
  if (tasks.some((input) => taskOutputs.includes(input))) return { kind: 'all' };
  const variants = perTask
    .filter(({ shape }) => tasks.some((input) => input === shape || input.startsWith(`${shape}.`)))
    .map(({ guards }) => guards);
  if (variants.some((guards) => guards.length === 0 || isRestOf({ guards, variants }))) return { kind: 'all' };
  const conditions = variants.map(conditionOfGuards);
  const fault = conditions.find((condition) => typeof condition !== 'string');
  if (fault !== undefined && typeof fault !== 'string') return { kind: 'unclear', why: fault.fault };
  return { kind: 'some', condition: [...new Set(conditions as string[])].join(' || ') };
};

/** An `else` whose other branches are there, too. */
const isRestOf = ({
  guards,
  variants,
}: {
  guards: readonly Guard[];
  variants: readonly (readonly Guard[])[];
}): boolean =>
  guards.every(
    ({ isNegated, condition }) =>
      isNegated && variants.some((others) => others.some((other) => !other.isNegated && other.condition === condition)),
  );

const conditionOfGuards = (guards: readonly Guard[]): string | { fault: string } => {
  const parts = guards.map(({ condition, scope, isNegated }) => {
    const expression = expressionOf({ action: condition, scope });
    const made = 'fault' in expression ? expression : truthOf(expression);
    return typeof made === 'string' && isNegated ? `!(${made})` : made;
  });
  const fault = parts.find((part) => typeof part !== 'string');
  return fault !== undefined
    ? (fault as { fault: string })
    : parts.length === 1
      ? String(parts[0])
      : `(${parts.join(' && ')})`;
};

const COMPARISONS: Readonly<Record<string, string>> = { eq: '==', ne: '!=' };
const JOINS: Readonly<Record<string, string>> = { and: ' && ', or: ' || ' };

/** A condition over a task as one over the labels of its lines. A text counts as true unless it is empty. */
const truthOf = (expression: Expression): string | { fault: string } => {
  if (expression.kind === 'field') {
    const made = comparedText(expression);
    return typeof made === 'string' ? `${made} != ""` : made;
  }
  if (expression.kind !== 'call') return { fault: 'it is no comparison of what labels hold' };
  const { helper, args } = expression;
  const comparison = COMPARISONS[helper];
  const join = JOINS[helper];
  if (comparison === undefined && join === undefined && helper !== 'not')
    return { fault: `${helper} is none of eq, ne, and, or, not` };
  const made = args.map(comparison === undefined ? truthOf : comparedText);
  const fault = made.find((arg) => typeof arg !== 'string');
  if (fault !== undefined) return fault;
  if (comparison !== undefined) return made.join(` ${comparison} `);
  return helper === 'not' ? `!(${made[0]})` : `(${made.join(join)})`;
};

const comparedText = (expression: Expression): string | { fault: string } => {
  if (expression.kind === 'field' && expression.field.label !== undefined) return `.${expression.field.label}`;
  if (expression.kind === 'field') return { fault: `no label holds .${expression.field.name}` };
  if (expression.kind !== 'literal') return { fault: 'it compares more than labels and texts' };
  // In VRL a text may hold templates, and Vector puts variables and secrets into any text.
  return typeof expression.value === 'string' && /[{}$[\]\n\r']/.test(expression.value)
    ? { fault: 'a text in it would mean something else in VRL' }
    : JSON.stringify(expression.value);
};
