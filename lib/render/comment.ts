/**
 * A name as it can stand in a TOML comment: Vector reads `$X` and `SECRET[…]` in comments too, so both signs, quotes,
 * braces and whatever does not print are shown as `u+XXXX`.
 */
export const commentText = (text: string): string => (/^[\w ./-]*$/.test(text) ? text : escaped(text));

const escaped = (text: string): string =>
  text.replaceAll(/[^ !#%&()*+,\-./0-9:;<=>?@A-Z^_a-z|~]/gu, (sign) => `u+${codeOf(sign)}`);

const codeOf = (sign: string): string => (sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
