import type { Marks } from '../run/marks.ts';

/**
 * For each value in a name the first one that is its equal: TOML merges `[transforms.a]` with `[transforms.a.b]`, so
 * values that make one name must be one placeholder, or the skeleton's tree would be another than the text's.
 */
export const equalNames = (puts: readonly number[], values: readonly unknown[]): readonly number[] => {
  if (puts.length < 2) return puts;
  const texts = puts.map((put) => String(values[put]));
  return texts.map((text) => puts[texts.indexOf(text)] as number);
};

/** The skeleton with one placeholder for all values that make one name. */
export const withEqualNames = ({
  text,
  marks,
  puts,
  equals,
}: {
  text: string;
  marks: Marks;
  puts: readonly number[];
  equals: readonly number[];
}): string =>
  puts.reduce(
    (result, put, index) =>
      put === equals[index] ? result : result.replaceAll(marks.of(put), marks.of(equals[index] as number)),
    text,
  );
