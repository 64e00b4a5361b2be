/** A TOML basic string; JSON's escapes are TOML's, and `$` and `[` are escaped as Vector reads them in raw text. */
export const tomlText = (text: string): string =>
  JSON.stringify(text).replaceAll('$', '\\u0024').replaceAll('[', '\\u005b').replaceAll('\u007f', '\\u007f');
