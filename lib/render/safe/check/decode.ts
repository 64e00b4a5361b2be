/** Readers of what the encoders write, kept apart from them: undefined for what an encoder may not write. */

const ESCAPES: Record<string, string> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' };

/**
 * Reads the inside of a VRL `"…"` string that an encoder wrote: `a\u{7b}` is `a{`. Undefined where a brace, a `$` or a `'`
 * is no escape, since no encoder writes that.
 */
export const decodeVrlString = (text: string): string | undefined => {
  if (!/^(?:[^"\\{}$'\p{Cc}]|\\(?:u\{[\da-f]+\}|[nrt"\\]))*$/u.test(text)) return undefined;
  return text.replace(/\\(?:u\{([\da-f]+)\}|(.))/g, (_all, code?: string, character?: string) =>
    code === undefined ? (ESCAPES[character as string] as string) : String.fromCodePoint(Number.parseInt(code, 16)),
  );
};

/** Reads a whole VRL `"…"` string that an encoder wrote: `"a\u{7b}"` is `a{`. Undefined for anything else. */
export const decodeVrlLiteral = (text: string): string | undefined =>
  /^".*"$/s.test(text) ? decodeVrlString(text.slice(1, -1)) : undefined;

/** Reads a regular expression that an encoder wrote for one text: `(?:a\x{2e}b)` is `a.b`. Undefined for anything else. */
export const decodeRegex = (text: string): string | undefined =>
  /^\(\?:(?:[A-Za-z0-9]|\\x\{[\da-f]+\})*\)$/.test(text)
    ? text
        .slice(3, -1)
        .replace(/\\x\{([\da-f]+)\}/g, (_all, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))
    : undefined;
