/** Readers of what the encoders write, kept apart from them: undefined for what an encoder may not write. */

const escapes: Record<string, string> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' };

/** The inside of a VRL `"…"` string; a brace, a `$` or a `'` in it may only be an escape. */
export const decodeVrlString = (text: string): string | undefined => {
  if (!/^(?:[^"\\{}$'\p{Cc}]|\\(?:u\{[\da-f]+\}|[nrt"\\]))*$/u.test(text)) return undefined;
  return text.replace(/\\(?:u\{([\da-f]+)\}|(.))/g, (_all, code?: string, sign?: string) =>
    code === undefined ? (escapes[sign as string] as string) : String.fromCodePoint(Number.parseInt(code, 16)),
  );
};

/** A whole VRL `"…"` string. */
export const decodeVrlLiteral = (text: string): string | undefined =>
  /^".*"$/s.test(text) ? decodeVrlString(text.slice(1, -1)) : undefined;

/** A regular expression that matches one text only. */
export const decodeRegex = (text: string): string | undefined =>
  /^\(\?:(?:[A-Za-z0-9]|\\x\{[\da-f]+\})*\)$/.test(text)
    ? text
        .slice(3, -1)
        .replace(/\\x\{([\da-f]+)\}/g, (_all, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))
    : undefined;
