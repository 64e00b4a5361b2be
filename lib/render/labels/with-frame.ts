import type { Cell } from '../safe/index.ts';
import { takesColumns } from '../safe/place/columns.ts';
import { scanToml, type TomlToken } from '../safe/place/toml-scan.ts';
import { scanVrl, type VrlToken } from '../safe/place/vrl-scan.ts';
import { cellIn, columnName } from './columns.ts';
import { LABELS, ROW_PATH } from './lookup.ts';

/** The program of rendered labels, and what stands around it in their TOML. */
export type LabelProgram = {
  before: string;
  after: string;
  quotes: string;
  /** VRL is written as it is, without escapes. */
  isVerbatim: boolean;
  /** What the template wrote, with `nvl_c<index>` for a value of a row. */
  text: string;
};

/** Where the labels' program is. `fault`: why there is none, and `advice` what the template's author should write. Pure. */
export const labelProgramIn = ({
  text,
  id,
}: {
  /** The TOML. */
  text: string;
  /** The pipeline's. */
  id: string;
}): LabelProgram | { fault: string; advice: string } => {
  const path = ['transforms', `${id}_out`, 'source'];
  const tokens = scanToml(text);
  const program = tokens.find((token) => isAt(token, path));
  if (program === undefined || !isLong(program))
    return {
      fault: `nvl finds no program of transforms.${id}_out to put the task's row into`,
      advice: "write the labels' source as a multi-line string, source = '''…'''",
    };
  const raw = text.slice(program.start, program.end);
  const holdsColumn = ({ start, end }: TomlToken): boolean => VARIABLE.test(text.slice(start, end));
  if (tokens.some((token) => token !== program && takesColumns(token.path) && holdsColumn(token)))
    return {
      fault: `a value stands in another component than transforms.${id}_out`,
      advice: `have the labels in transforms.${id}_out alone`,
    };
  const opening = /^...\r?\n?/.exec(raw)?.[0].length ?? 3;
  const isVerbatim = program.kind === 'literalLines';
  return {
    before: text.slice(0, program.start),
    after: text.slice(program.end),
    quotes: raw.slice(0, 3),
    isVerbatim,
    // A backslash at the end of a line would join it with what is put behind it.
    text: raw
      .slice(opening, -3)
      .trimEnd()
      .replace(isVerbatim ? '' : /(?<!\\)\\$/, ''),
  };
};

/**
 * The labels' TOML with their program in a frame, which looks the row up and defines `stream`, and before it each column's
 * variable that it uses. A column that is all there is of a field is read from the row itself. Pure.
 */
export const withFrame = ({
  program: { before, after, quotes, isVerbatim, text },
  cells,
  frame,
}: {
  program: LabelProgram;
  cells: readonly Cell[];
  frame: (labels: string) => string;
}): string => {
  const body = isVerbatim ? readFromRow(text, cells) : text;
  const defined = cells.flatMap((cell, index) => (uses(body, index) ? [definition(cell, index)] : []));
  const own = (lines: string): string => (isVerbatim ? lines : escaped(lines));
  // The template's own text stands in the frame as it was written.
  const [head = '', tail = ''] = frame(LABELS).split(LABELS);
  const lines = [...defined.map(own), body].join('\n');
  return `${before}${quotes}\n${own(head)}${lines}${own(tail)}\n${quotes}${after}`;
};

const isAt = ({ kind, path }: TomlToken, wanted: readonly string[]): boolean =>
  kind !== 'key' && path.length === wanted.length && path.every((part, index) => part === wanted[index]);

const isLong = ({ kind }: TomlToken): boolean => kind === 'lines' || kind === 'literalLines';

/** A variable of a column; no other name of nvl's begins like it. */
const VARIABLE = /\bnvl_c\d+\b/;

const uses = (program: string, index: number): boolean => new RegExp(`\\bnvl_c${index}\\b`).test(program);

/** What stands in `'''…'''` as it is, for `"""…"""`. */
const escaped = (program: string): string => program.replaceAll(/["\\]/g, '\\$&');

/** The variable of a column, of its kind whatever the row holds, so that the program compiles as with a literal. */
const definition = (cell: Cell, index: number): string => `nvl_c${index} = ${typed(cell.kind, pathOf(cell))}`;

const pathOf = (cell: Cell): string => `${ROW_PATH}.${columnName(cell)}`;

const typed = (kind: Cell['kind'], column: string): string => {
  const text = `string(${column}) ?? ""`;
  return {
    string: text,
    integer: `to_int(${column}) ?? 0`,
    float: `to_float(${column}) ?? 0.0`,
    boolean: `to_bool(${column}) ?? false`,
    json: `parse_json(${text}) ?? null`,
  }[kind];
};

/**
 * Each text that is all there is of a field of an object, or all that is assigned, straight from the row: it costs least. To
 * the compiler it may then be anything, so only where the program reads and sets nothing more behind it.
 */
const readFromRow = (program: string, cells: readonly Cell[]): string => {
  const tokens = scanVrl(program);
  // Who writes metadata may take the row away.
  if (tokens.some(({ kind, text: own }) => kind === 'symbol' && own === '%')) return program;
  const last = tokens.findLastIndex(({ kind, text: own }) => kind === 'symbol' && /^(?:[.%]|.*=)$/.test(own));
  let [text, end] = ['', 0];
  for (const [at, token] of tokens.entries()) {
    const cell = cellIn({ token, cells });
    if (at < last || cell?.kind !== 'string' || !isWhole(tokens, at)) continue;
    text += `${program.slice(end, token.start)}${pathOf(cell)}`;
    end = token.end;
  }
  return text + program.slice(end);
};

const isWhole = (tokens: readonly VrlToken[], at: number): boolean => {
  const [before, key, after] = [tokens[at - 1], tokens[at - 2], tokens[at + 1]];
  const isLast = after === undefined || after.kind === 'newline' || /^[,}]$/.test(after.text);
  const isField = before?.text === ':' && /^(?:string|raw)$/.test(key?.kind ?? '');
  return isLast && (isField || (before?.text === '=' && isToField(tokens, at - 1)));
};

/** `.a.b =`, at the start of a line. */
const isToField = (tokens: readonly VrlToken[], equals: number): boolean => {
  let first = equals;
  while (first > 0 && tokens[first - 1]?.kind !== 'newline' && !/^[;{}]$/.test(tokens[first - 1]?.text ?? ''))
    first -= 1;
  return /^[.%]$/.test(tokens[first]?.text ?? '');
};
