/**
 * Escapes of TOML and VRL. A sign that some reader on the way understands never leaves raw: `$` (environment
 * variables are put into the raw text, quoted or not), `[` behind SECRET (so are secrets), braces in VRL (its strings
 * have templates), and everything invisible.
 *
 * `[` is only dangerous right behind a T, so it stays readable elsewhere; at the start of a value what stands before
 * it is not known.
 */
const outsideToml = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]|["\\$]|(?<=^|T)\[/gu;
const outsideVrl = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]|["\\${}']|(?<=^|T)\[/gu;

const shortForms: Record<string, string> = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

const code = (sign: string): string => (sign.codePointAt(0) as number).toString(16);

const tomlSign = (sign: string): string =>
  shortForms[sign] ??
  (code(sign).length > 4 ? `\\U${code(sign).padStart(8, '0')}` : `\\u${code(sign).padStart(4, '0')}`);

const vrlSign = (sign: string): string => shortForms[sign] ?? `\\u{${code(sign)}}`;

/** Spares most texts the search by classes of Unicode, which is slow. */
const isInert = (text: string): boolean => /^[\w./:@+\-*?!=,;()<> ]*$/.test(text);

/** A value's text inside a TOML basic string, with one line or many. */
export const tomlBasic = (text: string): string => (isInert(text) ? text : text.replace(outsideToml, tomlSign));

/**
 * A value's text inside a VRL `"…"` string. Its last backslash is no `\\`: VRL's lexer takes the second of two before
 * `{{` for an escape of these.
 */
export const vrlString = (text: string): string =>
  isInert(text) ? text : text.replace(outsideVrl, vrlSign).replace(/\\\\$/, '\\u{5c}');

/**
 * Text of the template's author moved into a TOML basic string: its `$` and `[` stay what the author meant; its lines
 * stay lines.
 */
export const authorToml = (text: string): string => text.replace(/["\\]|(?!\n)\p{Cc}/gu, tomlSign);

/** Text of the template's author moved from a VRL raw string into a VRL `"…"` string. */
export const authorVrl = (text: string): string => text.replace(/["\\{}]|\p{Cc}/gu, vrlSign);

/**
 * Every sign but ASCII letters and digits as `\x{hex}`, which a Rust regular expression takes literally, in one group
 * for quantifiers behind it.
 */
export const regexText = (text: string): string =>
  `(?:${text.replace(/[^A-Za-z0-9]/gu, (sign) => `\\x{${code(sign)}}`)})`;

/** A comment cannot escape: what is not plain is shown as `u+hex`. Most texts are plain, and looking costs less than replacing. */
export const commentText = (text: string): string =>
  /^[\w./:@+\-=,; ]*$/.test(text) ? text : text.replace(/[^\w./:@+\-=,; ]/gu, (sign) => `u+${code(sign)}`);
