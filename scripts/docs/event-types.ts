import type { ExpectedEvent } from '../../lib/profile-test/case.ts';
import { isMatcher } from '../../lib/profile-test/matchers.ts';

/** Which types of JSON each field has in these events, in the order of their names; what lies in an object is named behind a dot. Pure. */
export const eventTypes = (events: readonly ExpectedEvent[]): Map<string, string[]> => {
  const found = new Map<string, Set<string>>();
  const visit = (fields: object, prefix: string): void => {
    for (const [name, value] of Object.entries(fields)) {
      const path = `${prefix}${name}`;
      // `!absent` and `!any` say nothing of a type; an expression is looked for in a text alone.
      const type = isMatcher(value) ? (value.tag === '!regex' ? 'text' : undefined) : jsonType(value);
      if (type !== undefined) found.set(path, (found.get(path) ?? new Set()).add(type));
      if (type === 'object') visit(value as object, `${path}.`);
    }
  };
  for (const event of events) visit(event, '');
  return new Map(
    [...found]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, types]): [string, string[]] => [name, [...types].sort()]),
  );
};

/** The words of a page: as `parseExact` and test files have them, an integer is a bigint, and a float a number. */
const jsonType = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  return JSON_TYPES[typeof value] ?? 'object';
};

const JSON_TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  bigint: 'integer',
  number: 'float',
  boolean: 'boolean',
};
