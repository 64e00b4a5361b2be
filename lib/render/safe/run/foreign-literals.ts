import type { HabitAdvice } from './foreign-habits.ts';

/** A text in quotes, or a number, yes, no or null, alone in `{{ }}`. */
export type Literal = { value: string; isText: boolean };

/** The literal that the inside of a `{{ }}` is, if it is one. */
export const literalOf = (inner: string): Literal | undefined => {
  const text = /^[&\s]*(?:"([^"]*)"|'([^']*)'|`([^`]*)`)\s*~?\s*$/.exec(inner);
  if (text) return { value: text[1] ?? text[2] ?? text[3] ?? '', isText: true };
  const bare = /^[&\s]*(-?\d+(?:\.\d+)?|true|false|null|undefined)\s*~?\s*$/.exec(inner);
  return bare?.[1] === undefined ? undefined : { value: bare[1], isText: false };
};

/** Braces around a field that is Vector's, and where in the text they end. */
export type Idiom = { field: string; end: number };

/** `{{ "{{" }} field {{ "}}" }}` or `{{ "{{ field }}" }}`: braces that are meant for Vector. */
export const bracesIdiom = ({
  text,
  literal,
  end,
}: {
  text: string;
  literal: Literal;
  end: number;
}): Idiom | undefined => {
  const whole = /^\{\{-?\s*([^{}]+?)\s*-?\}\}$/.exec(literal.value);
  if (whole?.[1] !== undefined) return { field: whole[1], end };
  if (!/^\{\{-?$/.test(literal.value.trim())) return undefined;
  const closing = /^([^{}\n]*)\{\{\s*(["'`])\s*-?\}\}\s*\2\s*\}\}/.exec(text.slice(end));
  return closing?.[1] === undefined ? undefined : { field: closing[1].trim(), end: end + closing[0].length };
};

/** Why a literal alone in braces is none, and what to write for what was meant. */
export const literalFault = ({
  literal: { value, isText },
  idiom,
  written,
}: {
  literal: Literal;
  idiom: Idiom | undefined;
  written: string;
}): HabitAdvice => {
  const message = `${written} is a literal, which Handlebars would take for the name of a field`;
  if (idiom !== undefined) return { message, advice: `write \\{{ ${idiom.field} }} to leave the braces to Vector` };
  if (/[{}]{2}/.test(value)) return { message, advice: 'write \\{{ field }} to leave the braces to Vector' };
  const plain = `${value === '' ? 'nothing' : value} without braces for the text itself`;
  if (!isText || !PATH.test(value)) return { message, advice: `write ${plain}` };
  return { message, advice: `write {{${value}}} for nvl’s value, \\{{ ${value} }} to leave it to Vector, or ${plain}` };
};

const PATH = /^[A-Za-z_][\w.]*$/;
