import { isUtf8 } from 'node:buffer';

/**
 * A text as a page can show it, in one line: what nobody would see has a sign (`⇥`, `⏎`, `␛`) or is written out (`\x07`, `\u00a0`),
 * blanks at the end are `␠`. Pure.
 */
export const shownText = (text: string): string =>
  text
    .replace(/ +$/, (blanks) => '␠'.repeat(blanks.length))
    .replace(/[\p{Cc}\p{Cf}\p{Z}]/gu, (character) => SIGNS[character] ?? writtenOut(character));

/** The same for bytes that a program wrote; those that are no UTF-8 are `\xNN`. Pure. */
export const shownBytes = (bytes: Buffer): string => {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const part = bytes.subarray(at, at + lengthFor(bytes[at] ?? 0));
    const isWhole = isUtf8(part);
    parts.push(isWhole ? part.toString('utf8') : hex(bytes[at] ?? 0));
    at += isWhole ? part.length : 1;
  }
  return shownText(parts.join(''));
};

/** No longer than so many characters; a `…` at the end says that there is more. Pure. */
export const cutText = (text: string, length: number): string => {
  const characters = [...text];
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`;
};

/** The same with the cut in the middle: a line that was torn shows it at its end. Pure. */
export const cutMiddle = (text: string, length: number): string => {
  const characters = [...text];
  if (characters.length <= length) return text;
  const end = Math.floor(length / 3);
  return `${characters.slice(0, length - end - 1).join('')}…${characters.slice(-end).join('')}`;
};

const SIGNS: Readonly<Record<string, string>> = {
  ' ': ' ',
  '\t': '⇥',
  '\n': '⏎',
  '\r': '␍',
  '\0': '␀',
  '\u001b': '␛',
};

const writtenOut = (character: string): string => {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x80 ? hex(code) : `\\u${code.toString(16).padStart(4, '0')}`;
};

const hex = (byte: number): string => `\\x${byte.toString(16).padStart(2, '0')}`;

/** How many bytes a character has that begins with this one. */
const lengthFor = (byte: number): number => (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1);
