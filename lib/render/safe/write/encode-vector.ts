import { escapeGlob, Glob } from '../../../glob.ts';
import { checkPossible, type Encode, nextTo, type Surroundings } from '../place/place.ts';
import { refuse } from '../place/refused.ts';
import { ANY_VALUE } from '../run/marks.ts';
import { regexText } from './escape.ts';
import { toText } from './value.ts';

const FIELD_INSTEAD = 'a field of the event that VRL sets from {{x}}, named in the option as \\{{ field }}';

/** Writes a value inside an option that Vector reads as a template: `\{{ field }}`, and time formats such as `%Y`. */
export const inTemplate: Encode = (value, around) => {
  const text = withoutFields(value, around);
  if (!text.includes('%')) return text;
  return around.timeFormat
    ? text.replaceAll('%', '%%')
    : refuse('Vector would read its % as a time format', FIELD_INSTEAD);
};

/** Writes a value inside a name that Vector reads as a template; `*` in it would be expanded as well. */
export const inTemplateKey: Encode = (value, around) => {
  const text = inTemplate(value, around);
  return text.includes('*') ? refuse('Vector would expand its *', FIELD_INSTEAD) : text;
};

/** Writes a value inside an option that nvl does not know: whatever Vector's templates understand is refused. */
export const inUnknownOption: Encode = (value, around) => {
  const text = withoutFields(value, around);
  return text.includes('%')
    ? refuse('nvl does not know this option, and Vector might read the % as a time format', FIELD_INSTEAD)
    : text;
};

const withoutFields = (value: unknown, around: Surroundings): string => {
  const text = toText(value);
  checkPossible(around);
  return isFieldWith(text, around) ? refuse('Vector would read {{ }} as a field of the event', FIELD_INSTEAD) : text;
};

/** True if the value opens, closes or joins braces that Vector could read as a field. */
const isFieldWith = (text: string, around: Surroundings): boolean => {
  const { left, right } = nextTo(around);
  if (text === '') return /[{}]$/.test(left) && right.startsWith(left.slice(-1));
  const opensLeft = text.startsWith('{') && /[{\uE000]$/.test(around.before);
  const opensRight = text.endsWith('{') && (around.after.startsWith('{') || around.after.startsWith(ANY_VALUE));
  return text.includes('{{') || opensLeft || opensRight || (text.startsWith('}') && /\{\{[^}]+\}$/.test(left));
};

/** Writes a value inside a file glob (`include`, `exclude` of a file source): its `*`, `?` and `[` match themselves. */
export const inGlob: Encode = (value, around) => {
  checkPossible(around);
  const { left, right } = nextTo(around);
  if (value === '' && left.endsWith('*') && right.startsWith('*')) refuse('empty, it would join the * around it');
  return value instanceof Glob ? toText(value) : escapeGlob(toText(value));
};

/**
 * Writes an id into `inputs`. Vector takes `*`, `?` and `[` there for wildcards, so a value could name another tenant's
 * component.
 */
export const inInputs: Encode = (value) => {
  const text = toText(value);
  return /[*?[\]]/.test(text)
    ? refuse('Vector would take * ? [ ] for wildcards that match other components', '{{input}} or {{id}}')
    : text;
};

/** Writes a value inside an option that is a regular expression: it matches itself, as one group. */
export const inRegexOption: Encode = (value, around) => {
  checkPossible(around);
  return regexText(toText(value));
};
