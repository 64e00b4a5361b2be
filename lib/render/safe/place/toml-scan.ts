/** Finds every token of a TOML text with its path; the text is known to parse, so that this only has to follow it. */
export type TomlPath = readonly (string | number)[];
export type TomlStringKind = 'basic' | 'lines' | 'literal' | 'literalLines';
export type TomlToken = {
  kind: TomlStringKind | 'bare' | 'comment' | 'key';
  start: number;
  end: number;
  /** Where it lies in the tree: of a value, its own path; of a key, the path up to and with it. */
  path: TomlPath;
  /** A key's own quotes. */
  quotes?: TomlStringKind | 'none';
};

/** The scanner lost the text that the parser took: nothing may be put into it. */
export class ScanFault extends Error {
  readonly at: number;

  constructor(at: number, what: string) {
    super(what);
    this.name = 'ScanFault';
    this.at = at;
  }
}

const bareKey = /[\w-]+/y;
const blank = /[ \t]*/y;
const bareValue = /[^\s,\]}#][^,\]}#\r\n]*/y;
const comment = /#[^\r\n]*/y;

export const scanToml = (text: string): TomlToken[] => {
  const tokens: TomlToken[] = [];
  const lists = new Map<string, number>();
  let at = 0;
  let table: TomlPath = [];

  const read = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? '';
    at += found.length;
    return found;
  };
  const expect = (sign: string): void => {
    if (!text.startsWith(sign, at)) throw new ScanFault(at, `expected ${sign}`);
    at += sign.length;
  };
  const skip = (lines: boolean): void => {
    for (;;) {
      const start = at;
      read(blank);
      const commentStart = at;
      if (read(comment)) tokens.push({ kind: 'comment', start: commentStart, end: at, path: [] });
      if (lines) while (text[at] === '\n' || text[at] === '\r') at += 1;
      if (at === start) return;
    }
  };

  const string = (): TomlStringKind => {
    const quote = text[at] as string;
    const isLong = text.startsWith(quote.repeat(3), at);
    const isLiteral = quote === "'";
    const start = at;
    at += isLong ? 3 : 1;
    for (; at < text.length; at += 1) {
      if (!isLiteral && text[at] === '\\') at += 1;
      else if (text.startsWith(isLong ? quote.repeat(3) : quote, at)) {
        while (isLong && text[at + 3] === quote) at += 1;
        at += isLong ? 3 : 1;
        if (isLiteral) return isLong ? 'literalLines' : 'literal';
        return isLong ? 'lines' : 'basic';
      }
    }
    throw new ScanFault(start, 'a string that does not end');
  };

  const key = (): TomlToken[] => {
    const found: TomlToken[] = [];
    for (;;) {
      read(blank);
      const start = at;
      const quotes = text[at] === '"' || text[at] === "'" ? string() : 'none';
      if (quotes === 'none' && !read(bareKey)) throw new ScanFault(at, 'expected a key');
      found.push({ kind: 'key', start, end: at, path: [], quotes });
      read(blank);
      if (text[at] !== '.') return found;
      at += 1;
    }
  };
  /** Names the keys' paths below `base`, through the last entry of every list of tables on the way. */
  const name = (keys: TomlToken[], base: TomlPath, opensList: boolean): TomlPath => {
    let path = base;
    for (const [index, token] of keys.entries()) {
      path = [...path, keyText(text.slice(token.start, token.end), token.quotes)];
      tokens.push({ ...token, path });
      const id = JSON.stringify(path);
      const isOpened = opensList && index === keys.length - 1;
      if (isOpened) lists.set(id, (lists.get(id) ?? 0) + 1);
      const count = lists.get(id);
      if (count !== undefined) path = [...path, count - 1];
    }
    return path;
  };

  const value = (path: TomlPath): void => {
    const start = at;
    const sign = text[at];
    if (sign === '"' || sign === "'") {
      tokens.push({ kind: string(), start, end: at, path });
    } else if (sign === '[') {
      at += 1;
      for (let index = 0; ; index += 1) {
        skip(true);
        if (text[at] === ']') break;
        value([...path, index]);
        skip(true);
        if (text[at] !== ',') break;
        at += 1;
      }
      expect(']');
    } else if (sign === '{') {
      at += 1;
      for (;;) {
        skip(true);
        if (text[at] === '}') break;
        pair(path);
        skip(true);
        if (text[at] !== ',') break;
        at += 1;
      }
      expect('}');
    } else {
      const found = read(bareValue);
      if (!found) throw new ScanFault(at, 'expected a value');
      tokens.push({ kind: 'bare', start, end: start + found.trimEnd().length, path });
    }
  };
  const pair = (base: TomlPath): void => {
    const path = name(key(), base, false);
    expect('=');
    read(blank);
    value(path);
  };

  for (skip(true); at < text.length; skip(true)) {
    if (text[at] === '[') {
      const opensList = text[at + 1] === '[';
      at += opensList ? 2 : 1;
      table = name(key(), [], opensList);
      expect(opensList ? ']]' : ']');
    } else {
      pair(table);
    }
  }
  return tokens;
};

const keyText = (raw: string, quotes: TomlToken['quotes']): string => {
  if (quotes === 'none') return raw;
  return quotes === 'literal' ? raw.slice(1, -1) : decodeBasic(raw.slice(1, -1)).text;
};

/** The text of a basic string's inside, and for each place in it (and its end) where that stands in the raw text. */
export const decodeBasic = (raw: string): { text: string; rawAt: (index: number) => number } => {
  if (!raw.includes('\\')) return { text: raw, rawAt: (index) => index };
  const places: number[] = [];
  let text = '';
  for (const part of raw.matchAll(/\\(?:u[\da-fA-F]{4}|U[\da-fA-F]{8}|x[\da-fA-F]{2}|[ \t]*\r?\n\s*|.)|[^\\]/gsu)) {
    const decoded = decodePart(part[0]);
    for (let index = 0; index < decoded.length; index += 1) places.push(part.index);
    text += decoded;
  }
  return { text, rawAt: (index) => places[index] ?? raw.length };
};

const shortForms: Record<string, string> = {
  b: '\b',
  t: '\t',
  n: '\n',
  f: '\f',
  r: '\r',
  e: '\x1b',
  '"': '"',
  '\\': '\\',
};

const decodePart = (part: string): string => {
  if (part[0] !== '\\') return part;
  if (/^\\[uUx][\da-fA-F]/.test(part)) return String.fromCodePoint(Number.parseInt(part.slice(2), 16));
  return /^\\\s/.test(part) ? '' : (shortForms[part[1] as string] ?? part.slice(1));
};
