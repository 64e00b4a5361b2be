import type { State } from './state.ts';

/**
 * A state that nobody changes any more. A cycle reads it many times, and it may hold thousands of tasks: to copy it each time
 * took longer than all else that a cycle does.
 */
export const kept = (state: State): State => {
  for (const record of Object.values(state.tasks)) Object.freeze(record);
  Object.freeze(state.tasks);
  return Object.freeze(state);
};

/** Whether two states say the same. What is one object in both, as most tasks are, is not looked into. Pure. */
export const isSameState = ({ tasks: one, ...rest }: State, { tasks: other, ...otherRest }: State): boolean => {
  const ids = Object.keys(one);
  return (
    ids.length === Object.keys(other).length &&
    ids.every((id) => one[id] === other[id] || (other[id] !== undefined && isSame(one[id] ?? {}, other[id]))) &&
    isSame(rest, otherRest)
  );
};

/** Whether two objects have the same fields, that say the same. Pure. */
export const isSame = (one: object, other: object): boolean => {
  const fields: Readonly<Record<string, unknown>> = { ...other };
  const own = Object.entries(one);
  return (
    own.length === Object.keys(fields).length &&
    own.every(([name, value]) => value === fields[name] || JSON.stringify(value) === JSON.stringify(fields[name]))
  );
};
