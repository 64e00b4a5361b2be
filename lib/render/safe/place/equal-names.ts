import type { Marks } from '../run/marks.ts';

/**
 * For each value in a name the first one with the same text. TOML merges `[transforms.a]` with `[transforms.a.b]`, so values
 * that make one name must be one placeholder, or the skeleton's tree would be another than the text's.
 * `[transforms.{{id}}_x]` and `[transforms.{{job.name}}_x]` are two tables, and one where both values are `web`.
 */
export const equalNames = (valueIndexes: readonly number[], values: readonly unknown[]): readonly number[] => {
  if (valueIndexes.length < 2) return valueIndexes;
  const texts = valueIndexes.map((valueIndex) => String(values[valueIndex]));
  return texts.map((text) => valueIndexes[texts.indexOf(text)] as number);
};

/**
 * The skeleton (the rendered text with placeholders) with one placeholder for all values that make one name, by what
 * `equalNames` said.
 */
export const withEqualNames = ({
  text,
  marks,
  valueIndexes,
  equals,
}: {
  text: string;
  marks: Marks;
  valueIndexes: readonly number[];
  equals: readonly number[];
}): string =>
  valueIndexes.reduce(
    (result, valueIndex, index) =>
      valueIndex === equals[index]
        ? result
        : result.replaceAll(marks.placeholder(valueIndex), marks.placeholder(equals[index] as number)),
    text,
  );
