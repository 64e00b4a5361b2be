import { scanVrl, type VrlToken } from './safe/place/vrl-scan.ts';

/**
 * Where a program of a profile writes what nvl notes in an event's metadata, `%nvl`, or all metadata at once: the stream and nvl's
 * marks would then be the profile's, or with `% = parse_json!(.message)` the line's. To read there is fine. The paths as
 * written; none of a program that is no VRL, which Vector refuses. Pure.
 */
export const ownMetadataWrites = (program: string): string[] => {
  if (!program.includes('%')) return [];
  let tokens: VrlToken[];
  try {
    tokens = scanVrl(program).filter(({ kind }) => kind !== 'comment');
  } catch {
    return [];
  }
  return tokens.flatMap((token, at) => {
    if (token.text !== '%' || token.kind !== 'symbol') return [];
    const end = pathEnd(tokens, at);
    const isNamed = isOwnName(end > at + 1 ? tokens[at + 1] : undefined);
    if (!isNamed || !(isAssigned(tokens, end) || isDeleted(tokens, at))) return [];
    return [program.slice(token.start, tokens[end - 1]?.end)];
  });
};

/** All metadata, or that below nvl's name. Who writes the name with escapes may mean it. */
const isOwnName = (first: VrlToken | undefined): boolean =>
  first === undefined || first.text === 'nvl' || /^"(?:nvl|.*\\.*)"$/s.test(first.text);

/** Behind the last token of the path: its parts stand side by side, without blanks. */
const pathEnd = (tokens: readonly VrlToken[], start: number): number => {
  let at = start + 1;
  for (let depth = 0; at < tokens.length; at += 1) {
    const { kind, text, start: from } = tokens[at] as VrlToken;
    if (depth === 0 && from !== tokens[at - 1]?.end) break;
    if (text === '[') depth += 1;
    else if (text === ']') depth -= 1;
    else if (depth === 0 && kind !== 'name' && kind !== 'string' && kind !== 'number' && text !== '.') break;
    if (depth < 0) break;
  }
  return at;
};

/** `x = …`, `x |= …`, and `x, err = …`, in which the other is a path or a name of one token or more. */
const isAssigned = (tokens: readonly VrlToken[], end: number): boolean => {
  const isSet = (at: number): boolean => ['=', '|=', '??='].includes(tokens[at]?.text ?? '');
  if (isSet(end)) return true;
  if (tokens[end]?.text !== ',') return false;
  const rest = tokens.slice(end + 1);
  const stop = rest.findIndex(({ kind, text }) => kind === 'newline' || /^(?:[,;(){}:]|\|?=|\?\?=)$/.test(text));
  return stop > 0 && isSet(end + 1 + stop);
};

/** `del(%nvl)`, also with the argument's name. */
const isDeleted = (tokens: readonly VrlToken[], at: number): boolean => {
  const before = tokens.slice(0, at).filter(({ kind }) => kind !== 'newline');
  const words = before
    .slice(-4)
    .map(({ text }) => text)
    .join(' ');
  return /(?:^|\s)del \((?: target :)?$/.test(words);
};
