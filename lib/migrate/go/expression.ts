import type { Action, Operand } from './action.ts';
import { fieldOf, type TaskField } from './fields.ts';

/**
 * What the names of a template stand for: `.` and the variables that are the task of this round of a `range`, and those that
 * are the whole list.
 */
export type Scope = { isDotTask: boolean; tasks: ReadonlySet<string> };

/** A `range` over all tasks has not begun. */
export const AT_TOP: Scope = { isDotTask: false, tasks: new Set() };

/** In Handlebars: a name, a literal, or the call of a helper. */
export type Expression =
  | { kind: 'field'; field: TaskField }
  | { kind: 'name'; name: string }
  | { kind: 'literal'; value: string | number | boolean }
  | { kind: 'call'; helper: string; args: readonly Expression[] };

/** What a pipeline of Go's is in Handlebars, or why nvl has nothing for it. Pure. */
export const expressionOf = ({ action, scope }: { action: Action; scope: Scope }): Expression | { fault: string } => {
  let piped: Expression | undefined;
  for (const command of action.commands) {
    const made = commandOf({ command, piped, scope });
    if ('fault' in made) return made;
    piped = made;
  }
  return piped ?? { fault: 'it is empty' };
};

const commandOf = ({
  command: [first, ...rest],
  piped,
  scope,
}: {
  command: readonly Operand[];
  piped: Expression | undefined;
  scope: Scope;
}): Expression | { fault: string } => {
  if (first === undefined) return { fault: 'it is empty' };
  if (first.kind !== 'function')
    return rest.length === 0 && piped === undefined
      ? operandOf({ operand: first, scope })
      : { fault: 'a value is called like a function' };
  const args = rest.map((operand) => operandOf({ operand, scope }));
  const fault = args.find((arg) => 'fault' in arg);
  if (fault !== undefined) return fault;
  return callOf({ name: first.name, args: [...(args as Expression[]), ...(piped === undefined ? [] : [piped])] });
};

const operandOf = ({ operand, scope }: { operand: Operand; scope: Scope }): Expression | { fault: string } => {
  switch (operand.kind) {
    case 'literal':
      return operand;
    case 'group':
      if (operand.fields.length === 0) return expressionOf({ action: operand.action, scope });
      return isFirstTask(operand.action, scope) && operand.fields.join('.') === 'Node'
        ? { kind: 'name', name: 'node.name' }
        : { fault: 'it takes a field of what a function gives' };
    case 'function':
      return callOf({ name: operand.name, args: [] });
    case 'path':
      return pathOf({ ...operand, scope });
  }
};

/** `index . 0`: where a template wants the node's name outside of a `range`, it is had by this. */
const isFirstTask = ({ commands: [command, ...more] }: Action, scope: Scope): boolean => {
  const [called, list, index] = command ?? [];
  return (
    more.length === 0 &&
    called?.kind === 'function' &&
    called.name === 'index' &&
    list?.kind === 'path' &&
    isList(list, scope) &&
    index?.kind === 'literal'
  );
};

const isList = ({ variable, fields }: { variable: string; fields: readonly string[] }, scope: Scope): boolean =>
  fields.length === 0 && (variable === '$' || (variable === '' && !scope.isDotTask));

/** Whether an action is the list of all tasks itself, as `range .` takes it. */
export const isTaskList = ({ commands: [command, ...more] }: Action, scope: Scope): boolean => {
  const [operand, ...args] = command ?? [];
  return more.length === 0 && args.length === 0 && operand?.kind === 'path' && isList(operand, scope);
};

const pathOf = ({
  variable,
  fields,
  scope,
}: {
  variable: string;
  fields: readonly string[];
  scope: Scope;
}): Expression | { fault: string } => {
  const [name, ...deeper] = fields;
  const isTask = variable === '' ? scope.isDotTask : scope.tasks.has(variable);
  if (!isTask) return { fault: 'it is no field of a task' };
  if (name === undefined) return { fault: 'it is a whole task' };
  const field = deeper.length === 0 ? fieldOf(name) : undefined;
  return field === undefined
    ? { fault: `.${fields.join('.')} is no field that 0.4.1 gives to templates` }
    : { kind: 'field', field };
};

const SAME = new Set(['ne', 'lt', 'le', 'gt', 'ge', 'and', 'or', 'not']);
/** They write a text for another language; nvl writes each value as the place wants it that it stands in. */
const ESCAPES = new Set(['html', 'js', 'urlquery']);

const callOf = ({ name, args }: { name: string; args: readonly Expression[] }): Expression | { fault: string } => {
  const [first, second, ...more] = args;
  if (first === undefined) return { fault: `the function ${name} has no counterpart here` };
  if (name === 'eq' && second !== undefined)
    return more.length === 0
      ? { kind: 'call', helper: 'eq', args }
      : {
          kind: 'call',
          helper: 'or',
          args: [second, ...more].map((other) => ({ kind: 'call', helper: 'eq', args: [first, other] })),
        };
  if (SAME.has(name)) return { kind: 'call', helper: name, args };
  if (ESCAPES.has(name)) return first;
  if (name === 'print') return args.length === 1 ? first : { kind: 'call', helper: 'concat', args };
  if (name === 'printf') return formatted(args);
  return { fault: `the function ${name} has no counterpart here` };
};

/** `printf "%s-%s" .Job .Task` with no verb but `%s` and `%v`. */
const formatted = ([format, ...values]: readonly Expression[]): Expression | { fault: string } => {
  const fault = { fault: 'printf is taken with %s and %v alone, one for each value' };
  if (format?.kind !== 'literal' || typeof format.value !== 'string') return fault;
  const texts = format.value.split(/%[sv]/);
  if (texts.length !== values.length + 1 || texts.some((text) => text.includes('%'))) return fault;
  const parts = texts.flatMap((text, index): Expression[] => [
    ...(text === '' ? [] : [{ kind: 'literal', value: text } as const]),
    ...(values[index] === undefined ? [] : [values[index]]),
  ]);
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : { kind: 'call', helper: 'concat', args: parts };
};
