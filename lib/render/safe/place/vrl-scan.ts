/**
 * What a token of VRL is: a literal by its kind, a comment, a name, a number, operators and brackets (`symbol`), the end of a
 * line.
 */
export type VrlKind = 'string' | 'raw' | 'regex' | 'timestamp' | 'comment' | 'name' | 'number' | 'symbol' | 'newline';
/** A token of a VRL program, and where in it. */
export type VrlToken = { kind: VrlKind; text: string; start: number; end: number };

/** Thrown for a VRL literal that does not end. */
export class VrlFault extends Error {
  readonly at: number;

  constructor(at: number, what: string) {
    super(what);
    this.name = 'VrlFault';
    this.at = at;
  }
}

const quoted = (before: string): string => `${before}'(?:[^'\\\\]|\\\\[^])*'`;

/** In the order in which VRL's lexer tries them. */
const KIND_PATTERNS = {
  blank: '[^\\S\\n\\uFEFF]+',
  newline: '\\n',
  comment: '#[^\\n]*',
  string: '"(?:[^"\\\\]|\\\\[^])*"',
  raw: quoted('s'),
  regex: quoted('r'),
  timestamp: quoted('t'),
  name: '[@A-Za-z_][@\\w]*|\\d[\\d_]*[@A-Za-z][@\\w]*',
  number: '-?\\d[\\d_]*(?:\\.[\\d_]*)?',
  symbol: '->|!(?![&*+\\-/<=>?|])|!(?=!)|&(?!&)|[!&*+\\-/<=>?|]+|[^]',
} satisfies Record<VrlKind | 'blank', string>;

const KIND_NAMES = Object.keys(KIND_PATTERNS) as (keyof typeof KIND_PATTERNS)[];
const ANY_TOKEN = new RegExp(
  Object.values(KIND_PATTERNS)
    .map((pattern) => `(${pattern})`)
    .join('|'),
  'y',
);

/** Behind the dot of a path digits are a name's, not a float's. */
const SEGMENT = /[@\w]+/y;
const PATH_OPENERS = new Set(['.', '%']);
const LITERAL_OPENER = /^["']$/;

/**
 * Parts a VRL program into tokens, as VRL's own lexer does; only where literals and comments begin and end has to be exact.
 */
export const scanVrl = (program: string): VrlToken[] => {
  const tokens: VrlToken[] = [];
  for (let at = 0; at < program.length; ) {
    const token = readToken(program, at, tokens.at(-1));
    if (token.kind === 'symbol' && LITERAL_OPENER.test(token.text))
      throw new VrlFault(at, `a VRL literal that begins with ${token.text} does not end`);
    at = token.end;
    if (token.kind !== 'blank') tokens.push(token as VrlToken);
  }
  return tokens;
};

const readToken = (
  program: string,
  at: number,
  last: VrlToken | undefined,
): Omit<VrlToken, 'kind'> & { kind: VrlKind | 'blank' } => {
  const isInPath = last?.end === at && PATH_OPENERS.has(last.text);
  SEGMENT.lastIndex = at;
  const name = isInPath ? SEGMENT.exec(program)?.[0] : undefined;
  if (name !== undefined) return { kind: 'name', text: name, start: at, end: at + name.length };
  ANY_TOKEN.lastIndex = at;
  const found = ANY_TOKEN.exec(program) as RegExpExecArray;
  const text = found[0];
  const kind = KIND_NAMES[found.findIndex((group, index) => index > 0 && group !== undefined) - 1] as VrlKind | 'blank';
  return { kind, text, start: at, end: at + text.length };
};
