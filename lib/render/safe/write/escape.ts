import { codeOf, tomlEscape, vrlEscape } from '../place/author-text.ts';

/**
 * Escapes of TOML and VRL. A character that some reader on the way understands never leaves raw: `$` (environment
 * variables are put into the raw text, quoted or not), `[` behind SECRET (so are secrets), braces in VRL (its strings
 * have templates), and everything invisible.
 *
 * `[` is only dangerous right behind a T, so it stays readable elsewhere; at the start of a value what stands before
 * it is not known.
 */
const OUTSIDE_TOML = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]|["\\$]|(?<=^|T)\[/gu;
const OUTSIDE_VRL = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]|["\\${}']|(?<=^|T)\[/gu;

/** Spares most texts the search by classes of Unicode, which is slow. */
const isInert = (text: string): boolean => /^[\w./:@+\-*?!=,;()<> ]*$/.test(text);

/** A value's text inside a TOML `"…"` or `"""…"""` string, escaped. */
export const tomlBasic = (text: string): string => (isInert(text) ? text : text.replace(OUTSIDE_TOML, tomlEscape));

/**
 * A value's text inside a VRL `"…"` string, escaped. Its last backslash is no `\\`: VRL's lexer takes the second of two
 * before `{{` for an escape of these.
 */
export const vrlString = (text: string): string =>
  isInert(text) ? text : text.replace(OUTSIDE_VRL, vrlEscape).replace(/\\\\$/, '\\u{5c}');

/**
 * A regular expression that matches just this text: every character but ASCII letters and digits as `\x{hex}`, which a Rust
 * regular expression takes literally, in one group for quantifiers behind it.
 */
export const regexText = (text: string): string =>
  `(?:${text.replace(/[^A-Za-z0-9]/gu, (character) => `\\x{${codeOf(character)}}`)})`;
