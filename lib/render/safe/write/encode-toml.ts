import { checkPossible, type Encode, type OptionReader, type Surroundings } from '../place/place.ts';
import { refuse } from '../place/refused.ts';
import { commentText, tomlBasic } from './escape.ts';
import { checkSize, fieldsOf, isRecord, toNumber, toText } from './value.ts';

/**
 * Inside any TOML string: it leaves as a basic string, whatever quotes the author wrote, since the others know no
 * escape.
 */
export const inString: Encode = (value, around) => {
  const text = tomlBasic(toText(value));
  return around.lineJoin && text.startsWith(' ') ? `\\u0020${text.slice(1)}` : text;
};

/** A value on its own: its literal. */
export const asValue: Encode = (value, around) => {
  checkPossible(around);
  checkSize(value);
  return literal(value, around.option as OptionReader);
};

const literal = (value: unknown, option: OptionReader): string => {
  if (value === null) return refuse('TOML has no null', 'a condition around the line, as in {{#if x}}…{{/if}}');
  if (option.whole) return `"${tomlBasic(option.whole(value))}"`;
  if (typeof value === 'number') return toNumber(value);
  if (typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return `[${value.map((item) => literal(item, option.item())).join(', ')}]`;
  if (!isRecord(value)) return `"${tomlBasic(option.text(value))}"`;
  const given = fieldsOf(value);
  if (given.length === 0) option.field('');
  const fields = given.map(([key, item]) => {
    const field = option.field(key);
    return `"${tomlBasic(toText(field.name))}" = ${literal(item, field.option)}`;
  });
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
};

/** A name that Vector leaves to the author; it is quoted, so a dot in it parts nothing. */
export const asKey: Encode = (value) => tomlBasic(toText(value));

/**
 * The id of a component: also the name of a folder under Vector's data_dir, and matched by the wildcards of `inputs`.
 */
export const asId: Encode = (value, { before, after }) => {
  const text = toText(value);
  if (!/^[\w-]*$/.test(text))
    refuse('an id holds only letters, digits, _ and - (Vector refuses a dot, and an id is a folder name)', '{{id}}');
  if (before + text + after === '') refuse('an id cannot be empty', '{{id}}');
  return text;
};

/** In a comment: what is not plain shows as its code. */
export const inComment: Encode = (value) => commentText(toText(value));

/** Where nothing may come from a value. */
export const never: Encode = (_value, { never: reason }: Surroundings) =>
  refuse(reason?.why ?? 'a value cannot decide this', reason?.instead);
