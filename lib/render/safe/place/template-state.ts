/**
 * Why a value cannot stand behind this much of an option that is a Vector template, as in `\{{ a{{x}} }}` or `%{{x}}`;
 * undefined where it can.
 */
export const insideField = (before: string): { why: string; instead?: string } | undefined => {
  if (/\{\{[^}]*$/.test(before))
    return {
      why: 'inside {{ }} it would choose the field',
      instead: 'the value outside of the braces, or a field that VRL sets from it',
    };
  return UNFINISHED_TIME.test(before.replaceAll('%%', ''))
    ? { why: 'right behind a % it would be a time format', instead: '%% for the character itself' }
    : undefined;
};

/** chrono's formats: flags and digits before their letter. */
const UNFINISHED_TIME = /%[-_0:.#\d]*\uE000*$/;

/**
 * True if the part of a Vector template that the value is in, between two `\{{ field }}`, has a time format such as `%F`:
 * Vector then reads each `%` of that part.
 */
export const hasTimeFormat = ({ before, after }: { before: string; after: string }): boolean => {
  const part = (before.split(FIELD).at(-1) ?? '') + (after.split(FIELD)[0] ?? '');
  return /%[-_0:.#\d]*[A-Za-mo-su-z+]/.test(part.replaceAll('%%', ''));
};

const FIELD = /\{\{[^}]+\}\}/;

/** Why a value cannot stand behind this much of a glob, as in `[a{{x}}]`; undefined where it can. */
export const insideGlobClass = (before: string): { why: string; instead?: string } | undefined =>
  before.replace(/\[(?:![\s\S]|[^!])[^\]]*\]/g, '').includes('[')
    ? { why: 'inside [ ] it would be a set of characters', instead: 'the value outside of the brackets' }
    : undefined;
