/** Where something lies in the TOML tree: `['transforms', 'web', 'inputs', 0]`. */
export type TomlPath = readonly (string | number)[];
/** `"…"`, `"""…"""`, `'…'`, `'''…'''`. */
export type TomlStringKind = 'basic' | 'lines' | 'literal' | 'literalLines';
/** A string, a bare value, a comment or one key of a TOML text. */
export type TomlToken = {
  kind: TomlStringKind | 'bare' | 'comment' | 'key';
  start: number;
  end: number;
  /** Where it lies in the tree: of a value, its own path; of a key, the path up to and with it. */
  path: TomlPath;
  /** A key's own quotes. */
  quotes?: TomlStringKind | 'none';
};

/** Thrown where the scanner lost a text that the parser took: no value may stand in it. */
export class ScanFault extends Error {
  readonly at: number;

  constructor(at: number, what: string) {
    super(what);
    this.name = 'ScanFault';
    this.at = at;
  }
}

const BARE_KEY = /[\w-]+/y;
const BLANK = /[ \t]*/y;
const BARE_VALUE = /[^\s,\]}#][^,\]}#\r\n]*/y;
const COMMENT = /#[^\r\n]*/y;

/** Finds every token of a TOML text with its path. The text is known to parse, so that this only has to follow it. */
export const scanToml = (text: string): TomlToken[] => new TomlScanner(text).scan();

class TomlScanner {
  private readonly text: string;
  private readonly tokens: TomlToken[] = [];
  /** How many entries a list of tables has so far, by JSON of its path. */
  private readonly lists = new Map<string, number>();
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  scan(): TomlToken[] {
    let table: TomlPath = [];
    for (this.skip(); this.at < this.text.length; this.skip()) {
      if (this.text[this.at] === '[') table = this.header();
      else this.pair(table);
    }
    return this.tokens;
  }

  private read(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? '';
    this.at += found.length;
    return found;
  }

  private expect(mark: string): void {
    if (!this.text.startsWith(mark, this.at)) throw new ScanFault(this.at, `expected ${mark}`);
    this.at += mark.length;
  }

  /** Goes over white space, the ends of lines and comments. */
  private skip(): void {
    for (;;) {
      const start = this.at;
      this.read(BLANK);
      const commentStart = this.at;
      if (this.read(COMMENT)) this.tokens.push({ kind: 'comment', start: commentStart, end: this.at, path: [] });
      while (this.text[this.at] === '\n' || this.text[this.at] === '\r') this.at += 1;
      if (this.at === start) return;
    }
  }

  /** `[a.b]` or `[[a.b]]`; the path of what stands below it. */
  private header(): TomlPath {
    const opensList = this.text[this.at + 1] === '[';
    this.at += opensList ? 2 : 1;
    const path = this.nameKeys(this.keys(), { base: [], opensList });
    this.expect(opensList ? ']]' : ']');
    return path;
  }

  /** `a.b = 1`, below the path `base`. */
  private pair(base: TomlPath): void {
    const path = this.nameKeys(this.keys(), { base, opensList: false });
    this.expect('=');
    this.read(BLANK);
    this.value(path);
  }

  /** The keys of a dotted name, their paths still to be found. */
  private keys(): TomlToken[] {
    const found: TomlToken[] = [];
    for (;;) {
      this.read(BLANK);
      const start = this.at;
      const quotes = this.text[start] === '"' || this.text[start] === "'" ? this.string() : 'none';
      if (quotes === 'none' && !this.read(BARE_KEY)) throw new ScanFault(this.at, 'expected a key');
      found.push({ kind: 'key', start, end: this.at, path: [], quotes });
      this.read(BLANK);
      if (this.text[this.at] !== '.') return found;
      this.at += 1;
    }
  }

  /** Names the keys' paths below `base`, through the last entry of every list of tables on the way. */
  private nameKeys(keys: TomlToken[], { base, opensList }: { base: TomlPath; opensList: boolean }): TomlPath {
    let path = base;
    for (const [index, token] of keys.entries()) {
      path = [...path, keyText(this.text.slice(token.start, token.end), token.quotes)];
      this.tokens.push({ ...token, path });
      const id = JSON.stringify(path);
      const isOpened = opensList && index === keys.length - 1;
      if (isOpened) this.lists.set(id, (this.lists.get(id) ?? 0) + 1);
      const count = this.lists.get(id);
      if (count !== undefined) path = [...path, count - 1];
    }
    return path;
  }

  private value(path: TomlPath): void {
    const start = this.at;
    const first = this.text[start];
    if (first === '"' || first === "'") {
      this.tokens.push({ kind: this.string(), start, end: this.at, path });
    } else if (first === '[') {
      let index = 0;
      this.items(']', () => this.value([...path, index++]));
    } else if (first === '{') {
      this.items('}', () => this.pair(path));
    } else {
      const found = this.read(BARE_VALUE);
      if (!found) throw new ScanFault(this.at, 'expected a value');
      this.tokens.push({ kind: 'bare', start, end: start + found.trimEnd().length, path });
    }
  }

  /** What stands between two brackets, with commas. */
  private items(closing: ']' | '}', item: () => void): void {
    this.at += 1;
    for (;;) {
      this.skip();
      if (this.text[this.at] === closing) break;
      item();
      this.skip();
      if (this.text[this.at] !== ',') break;
      this.at += 1;
    }
    this.expect(closing);
  }

  /** Goes over a string of any kind. */
  private string(): TomlStringKind {
    const { text } = this;
    const start = this.at;
    const quote = text[start] as string;
    const isLong = text.startsWith(quote.repeat(3), start);
    const isLiteral = quote === "'";
    const closing = isLong ? quote.repeat(3) : quote;
    for (this.at += closing.length; this.at < text.length; this.at += 1) {
      if (!isLiteral && text[this.at] === '\\') this.at += 1;
      else if (text.startsWith(closing, this.at)) {
        while (isLong && text[this.at + 3] === quote) this.at += 1;
        this.at += closing.length;
        if (isLiteral) return isLong ? 'literalLines' : 'literal';
        return isLong ? 'lines' : 'basic';
      }
    }
    throw new ScanFault(start, 'a string that does not end');
  }
}

const keyText = (raw: string, quotes: TomlToken['quotes']): string => {
  if (quotes === 'none') return raw;
  return quotes === 'literal' ? raw.slice(1, -1) : decodeBasic(raw.slice(1, -1)).text;
};

/**
 * The text that the inside of a `"…"` string stands for, and for each place in it (and its end) where that stands in the raw
 * text.
 */
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

const SHORT_FORMS: Record<string, string> = {
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
  return /^\\\s/.test(part) ? '' : (SHORT_FORMS[part[1] as string] ?? part.slice(1));
};
