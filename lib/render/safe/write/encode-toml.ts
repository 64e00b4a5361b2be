import { commentText } from '../../../comment-text.ts';
import { checkPossible, type Encode, type OptionReader, type Surroundings } from '../place/place.ts';
import { refuse } from '../place/refused.ts';
import { tomlBasic } from './escape.ts';
import { checkSize, fieldsOf, isRecord, toNumber, toText } from './value.ts';

/**
 * Writes a value inside any TOML string. That string leaves as a `"…"` string, whatever quotes the author wrote, since the
 * others know no escape.
 */
export const inString: Encode = (value, around) => {
  const text = tomlBasic(toText(value));
  return around.lineJoin && text.startsWith(' ') ? `\\u0020${text.slice(1)}` : text;
};

/** Writes a bare TOML value: the literal of its kind, as `a = {{x}}` needs it. */
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

/** Writes a name that Vector leaves to the author, as in `labels.{{x}}`; it is quoted, so a dot in it parts nothing. */
export const asKey: Encode = (value) => tomlBasic(toText(value));

/**
 * Writes the id of a component, as in `[sources.{{id}}]`. It is also the name of a folder under Vector's data_dir, and
 * matched by the wildcards of `inputs`, so it holds only letters, digits, `_` and `-`.
 */
export const asId: Encode = (value, { before, after }) => {
  const text = toText(value);
  if (!/^[\w-]*$/.test(text))
    refuse('an id holds only letters, digits, _ and - (Vector refuses a dot, and an id is a folder name)', '{{id}}');
  if (before + text + after === '') refuse('an id cannot be empty', '{{id}}');
  return text;
};

/** Writes a value inside a TOML comment; what is not plain shows as its code. */
export const inComment: Encode = (value) => commentText(toText(value));

/** Refuses every value. */
export const never: Encode = (_value, { never: reason }: Surroundings) =>
  refuse(reason?.why ?? 'a value cannot decide this', reason?.instead);
