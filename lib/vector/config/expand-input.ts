import { matchesName } from './glob.ts';

/**
 * The outputs that an entry of `inputs` stands for: a pattern for all that it matches but the component itself, as in Rust's `glob`
 * crate; one that matches nothing, or cannot be read, stays as it is. Pure.
 *
 * @source vector 0.57.0: `expand_globs` in src/config/compiler.rs
 */
export const expandInput = ({
  input,
  id,
  outputs,
}: {
  input: string;
  id: string;
  outputs: readonly string[];
}): string[] => {
  if (!isPattern(input)) return [input];
  const matched = outputs.filter((name) => name !== id && matchesName({ pattern: input, name }));
  return matched.length === 0 ? [input] : matched;
};

export const isPattern = (input: string): boolean => /[*?[\]]/.test(input);
