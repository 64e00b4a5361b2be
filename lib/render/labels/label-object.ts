import { compare } from '../../order.ts';
import type { Cell } from '../safe/index.ts';
import { scanVrl, type VrlToken } from '../safe/place/vrl-scan.ts';
import { cellIn, columnName } from './columns.ts';

/**
 * Labels that are one object and nothing else: what is looked up for a line can then be that object, as it is. To read a row
 * value by value and to make an object of it costs Vector (0.57) about as much as all the rest that nvl does with a line.
 */
export type LabelObject = {
  /** The field that is set, as `.nomad`. */
  path: string;
  /** The keys whose values a row has, and the columns of those, in the order of the keys. The stream may be among them. */
  columns: readonly { key: string; column: string }[];
  /** The other keys, each with the text that is written behind it. */
  others: readonly { key: string; value: string }[];
};

/** Stands among the columns for the stream: each row is of one stream then. A task's own columns begin with `c_`. */
export const STREAM_COLUMN = 'stream';

/** The object that a program of labels sets, if that is all that it does; undefined for any other program. Pure. */
export const labelObjectIn = ({
  program,
  cells,
}: {
  /** With `nvl_c<index>`, alone or as all of a text, for a value of a row. */
  program: string;
  cells: readonly Cell[];
}): LabelObject | undefined => {
  const tokens = scanVrl(program).filter(({ kind }) => kind !== 'comment' && kind !== 'newline');
  const opening = tokens.findIndex(({ text }) => text === '{');
  const path = tokens.slice(0, Math.max(0, opening - 1));
  if (tokens[opening - 1]?.text !== '=' || tokens.at(-1)?.text !== '}' || !isPath(path)) return undefined;
  const fields = fieldsIn(tokens.slice(opening + 1, -1));
  if (fields === undefined || new Set(fields.map(({ key }) => key)).size < fields.length) return undefined;
  const columns: { key: string; column: string }[] = [];
  const others: { key: string; value: string }[] = [];
  for (const { key, value } of fields) {
    const cell = cellIn({ token: value, cells });
    if (cell?.kind === 'string') columns.push({ key, column: columnName(cell) });
    else if (value.text === 'stream') columns.push({ key, column: STREAM_COLUMN });
    else if (isPlainText(value)) others.push({ key, value: value.text });
    else return undefined;
  }
  return columns.every(({ column }) => column === STREAM_COLUMN)
    ? undefined
    : { path: path.map(({ text }) => text).join(''), columns: columns.sort((a, b) => compare(a.key, b.key)), others };
};

/** `.a.b`. */
const isPath = (tokens: readonly VrlToken[]): boolean =>
  tokens.length > 0 &&
  tokens.length % 2 === 0 &&
  tokens.every(({ kind, text }, at) => (at % 2 === 0 ? text === '.' : kind === 'name'));

/** `"key": value` behind one another, with a comma between, and perhaps one at the end. */
const fieldsIn = (tokens: readonly VrlToken[]): { key: string; value: VrlToken }[] | undefined => {
  const fields: { key: string; value: VrlToken }[] = [];
  for (let at = 0; at < tokens.length; at += FIELD_LENGTH) {
    const [name, colon, value, comma] = tokens.slice(at, at + FIELD_LENGTH);
    const key = /^"([\w.-]+)"$/.exec(name?.text ?? '')?.[1];
    const isEnded = comma === undefined || comma.text === ',';
    if (key === undefined || key.startsWith(OWN_KEY) || colon?.text !== ':' || value === undefined || !isEnded)
      return undefined;
    fields.push({ key, value });
  }
  return fields;
};

/** `"key"`, `:`, a value, `,`. */
const FIELD_LENGTH = 4;

/** What nvl's own columns of a table begin with. */
const OWN_KEY = 'nvl_';

/** The same for all. */
const isPlainText = ({ kind, text }: VrlToken): boolean => kind === 'string' && /^"[^"\\{}]*"$/.test(text);
