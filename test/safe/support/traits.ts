/** Kinds of value that a place's rule may tell apart; each value is of one or more. */
const isText = (value: unknown): value is string => typeof value === 'string';
const textOf = (value: unknown): string | undefined =>
  isText(value) ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
const texts =
  (test: (text: string) => boolean) =>
  (value: unknown): boolean => {
    const text = textOf(value);
    return text !== undefined && test(text);
  };
const depthOf = (value: unknown): number =>
  typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).slice(0, 10).map(depthOf)) : 0;
const some = (value: unknown, test: (inner: unknown) => boolean): boolean =>
  test(value) ||
  (typeof value === 'object' &&
    value !== null &&
    depthOf(value) < 50 &&
    Object.values(value).some((inner) => some(inner, test)));

export const traits = {
  text: (value: unknown) => isText(value) && value.isWellFormed(),
  halfPair: (value: unknown) => isText(value) && !value.isWellFormed(),
  empty: (value: unknown) => value === '',
  wholeNumber: (value: unknown) => Number.isSafeInteger(value),
  fraction: (value: unknown) => typeof value === 'number' && Number.isFinite(value) && !Number.isSafeInteger(value),
  noNumber: (value: unknown) => typeof value === 'number' && !Number.isFinite(value),
  boolean: (value: unknown) => typeof value === 'boolean',
  null: (value: unknown) => value === null,
  list: (value: unknown) => Array.isArray(value),
  object: (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value),
  nullInside: (value: unknown) => typeof value === 'object' && value !== null && some(value, (inner) => inner === null),
  objectInside: (value: unknown) =>
    typeof value === 'object' &&
    value !== null &&
    depthOf(value) < 50 &&
    Object.values(value).some((item) =>
      some(item, (inner) => typeof inner === 'object' && inner !== null && !Array.isArray(inner)),
    ),
  tooDeep: (value: unknown) => depthOf(value) > 32,
  tooMany: (value: unknown) => Array.isArray(value) && value.length > 10_000,
  fieldBraces: texts((text) => text.includes('{{')),
  fieldBracesInside: (value: unknown) =>
    typeof value === 'object' && value !== null && JSON.stringify(value).includes('{{'),
  endsInBrace: texts((text) => text.endsWith('{')),
  percent: texts((text) => text.includes('%')),
  percentInside: (value: unknown) => typeof value === 'object' && value !== null && JSON.stringify(value).includes('%'),
  star: texts((text) => text.includes('*')),
  wildcard: texts((text) => /[*?[\]]/.test(text)),
  wildcardInside: (value: unknown) => typeof value === 'object' && value !== null && /[*?]/.test(JSON.stringify(value)),
  noSlug: texts((text) => !/^[A-Za-z0-9_-]+$/.test(text)),
  noTime: texts((text) => !['2024-05-06T07:08:09Z', '2024-02-29T23:59:59.123+02:00'].includes(text)),
} satisfies Record<string, (value: unknown) => boolean>;

export type Trait = keyof typeof traits;
export const traitsOf = (value: unknown): Trait[] =>
  (Object.keys(traits) as Trait[]).filter((trait) => traits[trait](value));
