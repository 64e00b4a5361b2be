/**
 * Why a value cannot stand behind this much of a Rust regular expression, as in `[a{{x}}]` or `\{{x}}`; undefined where it
 * can.
 */
export const insideRegex = (before: string): { why: string; instead?: string } | undefined => {
  if (UNFINISHED_ESCAPE.test(before)) return { why: 'behind a backslash it would become part of an escape' };
  const open = openClass(before);
  if (open) return { why: 'inside [ ] it would be a set of characters', instead: 'alternatives, as in (?:a|{{x}})' };
  return UNFINISHED_SYNTAX.test(before)
    ? {
        why: 'inside { } or the name of a group it would be a part of the syntax',
        instead: 'the number or name written out',
      }
    : undefined;
};

const UNFINISHED_ESCAPE = /(?<!\\)(?:\\\\)*\\(?:[pPxuU](?:\{[^}]*)?|x[\da-fA-F]|u[\da-fA-F]{1,3}|U[\da-fA-F]{1,7})?$/;

/** A count (`{2,`), or a group's flags or name (`(?P<a`). */
const UNFINISHED_SYNTAX = /(?<!\\)(?:\\\\)*(?:\{[\d,\uE000]*|\(\?[^>:)]*)$/;

/** True behind a `[` that is not closed; a `]` right behind it, or behind `[^`, is a character of the set. */
const openClass = (before: string): boolean => {
  let depth = 0;
  for (let at = 0; at < before.length; at += 1) {
    if (before[at] === '\\') at += 1;
    else if (before[at] === '[') {
      depth += 1;
      if (depth === 1 && before[at + 1] === '^') at += 1;
      if (depth === 1 && before[at + 1] === ']') at += 1;
    } else if (before[at] === ']' && depth > 0) depth -= 1;
  }
  return depth > 0;
};
