/**
 * A text that does nothing on a terminal, in one line: what controls it, turns the direction of writing or cannot be seen is written as an escape. Pure.
 */
export const safeText = (text: string): string => text.toWellFormed().replace(UNSAFE, escaped);

/** The same within JSON, which stays the same JSON: there, only what its texts hold as it is may be unsafe. Pure. */
export const safeJson = (json: string): string => json.replace(UNSAFE, unicodeEscape);

/** Control characters (C0, DEL, C1), marks of direction, separators of lines, and the byte order mark. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what it looks for.
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\u001b': '\\e' };

const escaped = (character: string): string => {
  const code = character.charCodeAt(0);
  return NAMED[character] ?? (code < 0x100 ? `\\x${hex(code, 2)}` : unicodeEscape(character));
};

const unicodeEscape = (character: string): string => `\\u${hex(character.charCodeAt(0), 4)}`;

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0');
