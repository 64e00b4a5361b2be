const LONGEST_SHOWN = 60;

/** A value as a person sees it in a message: one line, short, nothing invisible. */
export const showValue = (value: unknown): string => {
  const text = typeof value === 'string' ? value : describe(value);
  const visible = text.slice(0, LONGEST_SHOWN).replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, visibleForm);
  return text.length > LONGEST_SHOWN ? `${visible}… (${text.length} characters)` : visible;
};

const visibleForm = (character: string): string =>
  ({ '\n': '\\n', '\r': '\\r', '\t': '\\t' })[character] ?? `\\u{${(character.codePointAt(0) as number).toString(16)}}`;

const describe = (value: unknown): string => {
  if (typeof value !== 'object' || value === null) return String(value);
  try {
    return JSON.stringify(value);
  } catch {
    return Array.isArray(value) ? 'a list' : 'an object';
  }
};
