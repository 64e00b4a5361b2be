import { hash } from 'node:crypto';
import { commentText } from '../../comment-text.ts';
import { slugOf } from '../../context/id.ts';
import type { Cell } from '../safe/index.ts';

/** What a column holds: all but the value. */
export type ColumnMeaning = Pick<Cell, 'expression' | 'frame' | 'kind'>;

/**
 * The name of a column in the table: `c_<slug of the expression, at most 24>_<8 hex of a digest of what it holds>`. The same
 * in all pipelines and through all edits: while Vector goes from one set of labels to the next, the old program reads the new
 * table, and must find under a name what it meant by it, or nothing.
 */
export const columnName = ({ expression, frame, kind }: ColumnMeaning): string => {
  const plain = withoutBraces(expression);
  return `c_${slugOf(plain)}_${hash('sha256', JSON.stringify([frame, plain, kind]), 'hex').slice(0, DIGEST_LENGTH)}`;
};

const DIGEST_LENGTH = 8;

/** The cell that a token of a program stands for, alone or as all of a text; undefined for any other token. */
export const cellIn = ({ token, cells }: { token: { text: string }; cells: readonly Cell[] }): Cell | undefined =>
  cells[Number(/^"\{\{ nvl_c(\d+) \}\}"$|^nvl_c(\d+)$/.exec(token.text)?.slice(1).find(Boolean) ?? Number.NaN)];

/** A line of a pipeline's block that says which columns its labels read, and for people what they hold. */
export const columnsComment = (cells: readonly ColumnMeaning[]): string =>
  `${START}${cells.map((cell) => `${columnName(cell)} ${shown(cell)}`).join(SEPARATOR)}`;

const shown = ({ expression, kind }: ColumnMeaning): string =>
  `${commentText(withoutBraces(expression)).replaceAll(',', 'u+2c')} ${kind}`;

/** An expression for people, without what makes it one: `job.id` of `{{job.id}}`. */
export const withoutBraces = (expression: string): string => expression.replaceAll(/^\{+~?\s*|\s*~?\}+$/g, '');

const SEPARATOR = ', ';

const START = '# Columns: ';

/** The columns that a block's labels read, as its comment says; `holds` is for people. */
export const columnsOf = (text: string): { name: string; holds: string }[] => {
  const line = text.split('\n').find((one) => one.startsWith(START));
  const list = line?.slice(START.length) ?? '';
  return list === '' ? [] : list.split(SEPARATOR).map(columnIn);
};

const columnIn = (shownOne: string): { name: string; holds: string } => {
  const at = shownOne.indexOf(' ');
  return { name: shownOne.slice(0, at), holds: shownOne.slice(at + 1) };
};
