/**
 * Text of the template's author, moved from another TOML string into a `"…"` string: `C:\x` becomes `C:\\x`. Its `$`, its
 * `[` and its line ends stay what the author meant.
 */
export const authorToml = (text: string): string => text.replace(/["\\]|(?!\n)\p{Cc}/gu, tomlEscape);

/** Text of the template's author, moved from a VRL raw string (`s'…'`) into a VRL `"…"` string: `a{` becomes `a\u{7b}`. */
export const authorVrl = (text: string): string => text.replace(/["\\{}]|\p{Cc}/gu, vrlEscape);

const SHORT_FORMS: Record<string, string> = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** The hexadecimal number of a character: `24` for `$`. */
export const codeOf = (character: string): string => (character.codePointAt(0) as number).toString(16);

/** One character as the escape of a TOML `"…"` string: `\u0024` for `$`, `\n` for the end of a line. */
export const tomlEscape = (character: string): string => {
  const code = codeOf(character);
  return SHORT_FORMS[character] ?? (code.length > 4 ? `\\U${code.padStart(8, '0')}` : `\\u${code.padStart(4, '0')}`);
};

/** One character as the escape of a VRL `"…"` string: `\u{24}` for `$`, `\n` for the end of a line. */
export const vrlEscape = (character: string): string => SHORT_FORMS[character] ?? `\\u{${codeOf(character)}}`;
