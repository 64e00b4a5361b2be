import { commentText } from '../../../comment-text.ts';
import { checkPossible, type Encode, nextTo, type Surroundings } from '../place/place.ts';
import { refuse } from '../place/refused.ts';
import { regexText, vrlString } from './escape.ts';
import { checkSize, fieldsOf, isRecord, toNumber, toText } from './value.ts';

/** Writes a value inside a VRL `"…"` string, and in what leaves as one: a raw string, a path's segment. */
export const inVrlString: Encode = (value, around) => {
  checkPossible(around);
  const text = vrlString(toText(value));
  if (text === '' && joinsWhenEmpty(around)) refuse('empty, it would join the characters around it');
  return text.startsWith(' ') && LINE_JOIN_AT_END.test(nextTo(around).left) ? `\\u{20}${text.slice(1)}` : text;
};

/**
 * True where an empty value would let the text around it mean something else: a brace before it and one behind it would become
 * `{{`, a backslash before it would escape braces behind it, and a backslash at the end of a line would swallow the white
 * space behind it.
 */
const joinsWhenEmpty = (around: Surroundings): boolean => {
  const { left, right } = nextTo(around);
  const isBrace = /[{}]$/.test(left) && right.startsWith(left.slice(-1));
  const isEscape = left.endsWith('\\') && /^(?:\{\{|\}\})/.test(right);
  return isBrace || isEscape || (LINE_JOIN_AT_END.test(left) && /^\s/.test(right));
};

/** VRL: a backslash at the end of a line eats the line's end and the white space that follows. */
const LINE_JOIN_AT_END = /\\\n\s*$/;

/** Writes a value inside a VRL `r'…'`: it matches itself, as one group. */
export const inVrlRegex: Encode = (value, around) => {
  checkPossible(around);
  return regexText(toText(value));
};

const TIMESTAMP = /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

/** Writes a value inside a VRL `t'…'`: the finished literal must be a point in time, or Vector loads nothing. */
export const asTimestamp: Encode = (value, { before, after }) => {
  const text = toText(value);
  const parts = TIMESTAMP.exec(before + text + after);
  const daysInMonth = parts && new Date(Date.UTC(Number(parts[1]), Number(parts[2]), 0)).getUTCDate();
  const isDay =
    parts &&
    Number(parts[1]) > 0 &&
    Number(parts[2]) >= 1 &&
    Number(parts[2]) <= 12 &&
    Number(parts[3]) >= 1 &&
    Number(parts[3]) <= (daysInMonth ?? 0);
  return isDay
    ? text
    : refuse(
        "t'…' must hold a time as RFC 3339 writes it, such as 2024-05-06T07:08:09Z",
        'parse_timestamp!("{{x}}", "…")',
      );
};

/** Writes a value inside a VRL comment; what is not plain shows as its code. */
export const inVrlComment: Encode = (value) => commentText(toText(value));

/** Writes the index of a VRL list, as in `.list[{{n}}]`. */
export const asIndex: Encode = (value) =>
  typeof value === 'number' && Number.isSafeInteger(value)
    ? toNumber(value)
    : refuse('an index is a whole number', 'a field, as in .list.{{name}}, or a number');

/** Writes a VRL expression: the literal of the value's kind. Its minus must not join an operator before it. */
export const asVrlValue: Encode = (value, around) => {
  checkPossible(around);
  checkSize(value);
  const text = vrlLiteral(value);
  return text.startsWith('-') && /[!&*+\-/<=>?|]$/.test(around.before) ? ` ${text}` : text;
};

const vrlLiteral = (value: unknown): string => {
  if (value === null) return 'null';
  if (typeof value === 'number') return toNumber(value);
  if (typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return `[${value.map((item) => vrlLiteral(item)).join(', ')}]`;
  if (!isRecord(value)) return `"${vrlString(toText(value))}"`;
  const entries = fieldsOf(value).map(([key, item]) => `"${vrlString(toText(key))}": ${vrlLiteral(item)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
};

/** Writes a key of a VRL object literal, as in `{ {{x}}: 1 }`. */
export const asObjectKey: Encode = (value) => `"${vrlString(toText(value))}"`;
