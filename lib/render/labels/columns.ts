import { commentText } from '../../comment-text.ts';

/** A line of a pipeline's block that says what its columns hold, for people, and for rows that outlive an edit of the labels. */
export const columnsComment = (cells: readonly { expression: string; kind: string }[]): string =>
  `${START}${cells.map(shown).join(SEPARATOR)}`;

const shown = ({ expression, kind }: { expression: string; kind: string }): string =>
  `${commentText(withoutBraces(expression)).replaceAll(',', 'u+2c')} ${kind}`;

/** An expression for people, without what makes it one: `job.id` of `{{job.id}}`. */
export const withoutBraces = (expression: string): string => expression.replaceAll(/^\{+~?\s*|\s*~?\}+$/g, '');

const SEPARATOR = ', ';

const START = '# Columns: ';

/** What the columns of a block hold, as its comment shows them. */
export const columnsOf = (text: string): string[] => {
  const line = text.split('\n').find((one) => one.startsWith(START));
  const list = line?.slice(START.length) ?? '';
  return list === '' ? [] : list.split(SEPARATOR);
};

/**
 * The cells of a row for a block with other columns: each by what it holds, the second of two that hold the same is the
 * second; nothing for what the row does not have.
 */
export const rearranged = ({
  cells,
  from,
  to,
}: {
  cells: readonly string[];
  from: readonly string[];
  to: readonly string[];
}): string[] => {
  const places = new Map(numbered(from).map((column, index) => [column, index]));
  return numbered(to).map((column) => cells[places.get(column) ?? -1] ?? '');
};

const numbered = (columns: readonly string[]): string[] =>
  columns.map((column, at) => `${column}#${columns.slice(0, at).filter((one) => one === column).length}`);
