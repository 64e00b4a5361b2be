import { objectOf } from '../json.ts';
import { compare } from '../order.ts';
import { csvLine } from './csv.ts';
import type { Row } from './row.ts';

/** `about` is for people. */
const FIRST_COLUMNS = ['task', 'pipeline', 'mark', 'skip', 'about'] as const;

/**
 * The table of all rows, for nvl and for people: Vector reads what `vectorTables` makes of them. As CSV: a header, a row that counts the others, then one row a task and pipeline in the order of their stems. It has
 * every column that a row has, in the order of their names.
 *
 * @throws RangeError for half a surrogate pair, which no UTF-8 text can hold, for two rows of one stem in one pipeline, and for a
 * column whose name is none.
 */
export const tableText = (rows: readonly Row[]): string => {
  const columns = columnsIn(rows);
  const header = [...FIRST_COLUMNS, ...columns];
  const sorted = sortedRows(rows);
  const wrong = sorted.find((row, index) => !STEM.test(row.stem) || compareRows(sorted[index - 1], row) === 0);
  if (wrong !== undefined)
    throw new RangeError(`a table has one row for each stem in a pipeline, and "${wrong.stem}" is none or has two`);
  const first = header.join(',');
  const lines = [countRow(rows.length), ...sorted].map((row) => lineOf({ row, columns, header: first }));
  return `${[first, ...lines].join('\n')}\n`;
};

/** In the order of a table. */
export const sortedRows = (rows: readonly Row[]): Row[] => rows.toSorted(compareRows);

/** One more task is one more line: those of thousands of others are not made again. */
const LINES = new WeakMap<Row, { header: string; text: string }>();

const lineOf = ({ row, columns, header }: { row: Row; columns: readonly string[]; header: string }): string => {
  const known = LINES.get(row);
  if (known?.header === header) return known.text;
  const { stem, pipeline, mark, skip, about, cells } = row;
  const text = csvLine([
    stem,
    pipeline,
    mark,
    skip === undefined ? '' : JSON.stringify(skip),
    about,
    ...columns.map((column) => cells[column] ?? ''),
  ]);
  LINES.set(row, { header, text });
  return text;
};

/** Every column that rows have, in the order of their names. */
export const columnsIn = (rows: readonly Row[]): string[] => {
  const found = new Set<string>();
  for (const { cells } of rows) for (const column in cells) found.add(column);
  const wrong = [...found].find((column) => !COLUMN.test(column));
  if (wrong !== undefined) throw new RangeError(`"${wrong}" is no name of a column`);
  return [...found].sort(compare);
};

/** What a header and a path of VRL hold as it is. */
const COLUMN = /^c_[a-z0-9_]+$/;

/** As file names begin with it: no dot, which ends it there. */
const STEM = /^[^.]+$/;

/** A stem holds no dot, so no log file asks for this row. A table that was cut off at the end of a line shows by it. */
const COUNT_STEM = '.tasks';

const countRow = (count: number): Row => ({
  stem: COUNT_STEM,
  pipeline: '',
  mark: `${count} tasks`,
  about: '',
  cells: {},
});

const compareRows = (one: Row | undefined, other: Row): number =>
  compare(one?.stem ?? '', other.stem) || compare(one?.pipeline ?? '', other.pipeline);

/**
 * The rows of a table that `tableText` wrote, without their empty cells, which a column of others' brings too.
 * `fault` for any other text: one that is cut off, or another's.
 */
export const readTable = (text: string): { rows: Row[] } | { fault: string } => {
  const [header, body] = [text.slice(0, text.indexOf('\n')), text.slice(text.indexOf('\n') + 1)];
  const names = header.split(',');
  const columns = names.slice(FIRST_COLUMNS.length);
  if (!FIRST_COLUMNS.every((name, at) => names[at] === name) || !columns.every(isAscending))
    return { fault: 'its first line is no header of a table of tasks' };
  const lines = readLines(body);
  if (lines === undefined) return { fault: 'it is cut off, or holds what nvl does not write' };
  const rows = lines.map(([stem = '', pipeline = '', mark = '', skip = '', about = '', ...values]): Row => {
    const left = skip === '' ? {} : { skip: readSkip(skip) };
    const cells: Record<string, string> = {};
    for (const [at, column] of columns.entries()) if (values[at]) cells[column] = values[at];
    return { stem, pipeline, mark, ...left, about, cells };
  });
  if (lines.some(({ length }) => length !== names.length))
    return { fault: 'a row of it has another width than its header' };
  const [counted, ...tasks] = rows;
  if (counted?.stem !== COUNT_STEM || counted.mark !== countRow(tasks.length).mark)
    return { fault: `it holds ${tasks.length} tasks, and says otherwise` };
  const isSorted = tasks.every((row, index) => index === 0 || compareRows(tasks[index - 1], row) < 0);
  return isSorted ? { rows: tasks } : { fault: 'its rows are not in the order of their stems' };
};

const isAscending = (column: string, at: number, columns: readonly string[]): boolean =>
  COLUMN.test(column) && (at === 0 || compare(columns[at - 1] ?? '', column) < 0);

const readSkip = (text: string): Record<string, string> => {
  try {
    return Object.fromEntries(Object.entries(objectOf(JSON.parse(text))).map(([file, at]) => [file, String(at)]));
  } catch {
    return {};
  }
};

/** The rows of a table; none where there is none, or one that nvl did not write. */
export const rowsOf = (text: string | undefined): readonly Row[] => {
  const found = text === undefined ? { fault: '' } : readTable(text);
  return 'rows' in found ? found.rows : [];
};

const CELL = /"([^"]*(?:""[^"]*)*)"([,\n])/y;

/** The cells of each line; undefined where anything but quoted cells stands. */
const readLines = (text: string): string[][] | undefined => {
  const lines: string[][] = [];
  let cells: string[] = [];
  CELL.lastIndex = 0;
  for (let at = 0; at < text.length; at = CELL.lastIndex) {
    CELL.lastIndex = at;
    const found = CELL.exec(text);
    if (found === null) return undefined;
    cells.push((found[1] as string).replaceAll('""', '"'));
    if (found[2] === ',') continue;
    lines.push(cells);
    cells = [];
  }
  return cells.length === 0 ? lines : undefined;
};
