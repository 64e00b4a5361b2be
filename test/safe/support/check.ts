import { compileSafe, type Places } from '../../../lib/render/safe/index.ts';
import type { Cell } from './cell.ts';
import { type Trait, traitsOf } from './traits.ts';

export type Miss = { cell: string; value: string; problem: string };

/** What the data expects of a value in a place; throws where they say nothing. */
export const expected = (cell: Cell, value: unknown): 'exact' | 'refused' => {
  const found = traitsOf(value);
  const unknown = found.filter((trait) => !cell.takes.includes(trait) && !cell.refuses.includes(trait));
  if (found.length === 0 || unknown.length > 0)
    throw new Error(`${cell.name} expects nothing of ${unknown.join(', ') || 'this value'}`);
  return found.some((trait: Trait) => cell.refuses.includes(trait)) ? 'refused' : 'exact';
};

/** Renders a value into a place and says what is wrong with the outcome, or nothing. */
export const createCheck = (cell: Cell, places?: Places) => {
  const template = compileSafe({ name: `${cell.name}.hbs`, text: cell.template, ...(places && { places }) });
  return (value: unknown): string | undefined => {
    const expectation = expected(cell, value);
    const rendered = renderOrThrown(() => template.render(contextOf(value)));
    if (rendered instanceof Error) return `threw: ${rendered.message}`;
    if (!rendered.ok) return expectation === 'refused' ? undefined : `refused: ${rendered.refusals[0]?.why}`;
    if (expectation === 'refused') return `taken: ${rendered.text}`;
    if (/\$|SECRET\[/.test(rendered.text)) return `Vector would replace something in: ${rendered.text}`;
    try {
      const want = normal(cell.want ? cell.want(value) : String(value));
      const real = normal(cell.read(rendered.text));
      return isSame(real, want) ? undefined : `read ${JSON.stringify(real)}, wanted ${JSON.stringify(want)}`;
    } catch (error) {
      return `unreadable (${error instanceof Error ? error.message.split('\n')[0] : error}): ${rendered.text}`;
    }
  };
};

const renderOrThrown = <T>(render: () => T): T | Error => {
  try {
    return render();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
};

/** `text` is the value as text where it has one, for places where a bare value must be a string. */
export const contextOf = (value: unknown, number = 7): object => ({
  v: value,
  text:
    typeof value === 'number' || typeof value === 'boolean'
      ? Number.isNaN(value) || Math.abs(Number(value)) === Number.POSITIVE_INFINITY
        ? value
        : String(value)
      : Array.isArray(value)
        ? { list: value }
        : value,
  i: number,
});

/** Data as JSON has it: no undefined field, no minus zero, every object alike. */
export const normal = (value: unknown): unknown => {
  if (value === 0) return 0;
  if (Array.isArray(value)) return value.map(normal);
  if (typeof value !== 'object' || value === null) return value;
  return new Map(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([key, inner]) => [key, normal(inner)] as const)
      .sort(([one], [other]) => (one < other ? -1 : 1)),
  );
};

export const isSame = (one: unknown, other: unknown): boolean => {
  if (Array.isArray(one))
    return (
      Array.isArray(other) && one.length === other.length && one.every((item, index) => isSame(item, other[index]))
    );
  if (one instanceof Map)
    return (
      other instanceof Map &&
      one.size === other.size &&
      [...one].every(([key, item]) => other.has(key) && isSame(item, other.get(key)))
    );
  return Object.is(one, other);
};
