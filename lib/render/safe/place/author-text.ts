/**
 * Text of the template's author moved into a TOML basic string: its `$` and `[` stay what the author meant; its lines
 * stay lines.
 */
export const authorToml = (text: string): string => text.replace(/["\\]|(?!\n)\p{Cc}/gu, tomlEscape);

/** Text of the template's author moved from a VRL raw string into a VRL `"…"` string. */
export const authorVrl = (text: string): string => text.replace(/["\\{}]|\p{Cc}/gu, vrlEscape);

const shortForms: Record<string, string> = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** The hexadecimal number of a character. */
export const codeOf = (character: string): string => (character.codePointAt(0) as number).toString(16);

/** One character as the escape of a TOML basic string. */
export const tomlEscape = (character: string): string => {
  const code = codeOf(character);
  return shortForms[character] ?? (code.length > 4 ? `\\U${code.padStart(8, '0')}` : `\\u${code.padStart(4, '0')}`);
};

/** One character as the escape of a VRL `"…"` string. */
export const vrlEscape = (character: string): string => shortForms[character] ?? `\\u{${codeOf(character)}}`;
