import { isTable } from '../table.ts';
import { componentsOf } from './components.ts';

/** Transforms whose events depend on nothing but the event itself (Vector 0.57); of any other it is not known. */
const STATELESS = new Set(['remap', 'filter', 'route', 'exclusive_route']);

/**
 * Whether a transform block may hold something from one event to the next, as `throttle`, `reduce` and `dedupe` do. Pure;
 * the last few answers are kept, since most tasks ask for the same text.
 */
export const keepsState = (text: string): boolean => {
  const known = answers.get(text);
  if (known !== undefined) return known;
  const answer = [...componentsOf(text).values()].some(
    ({ table }) => !(isTable(table) && typeof table.type === 'string' && STATELESS.has(table.type)),
  );
  if (answers.size >= MOST_ANSWERS) answers.clear();
  answers.set(text, answer);
  return answer;
};

const MOST_ANSWERS = 200;
const answers = new Map<string, boolean>();
