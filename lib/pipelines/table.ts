import { objectOf } from '../json.ts';
import { compare } from '../order.ts';
import type { Row } from './row.ts';

/** `about` is for people. */
const FIRST_COLUMNS = ['task', 'pipeline', 'mark', 'skip', 'about'] as const;

/**
 * The table as CSV: a header, a row that counts the others, then one row a task and pipeline in the order of their stems, each as wide
 * as the widest. Everything is quoted, so that Vector's reader changes nothing.
 *
 * @throws RangeError for half a surrogate pair, which no UTF-8 text can hold, and for two rows of one stem in one pipeline.
 */
export const tableText = (rows: readonly Row[]): string => {
  const width = Math.max(1, ...rows.map(({ cells }) => cells.length));
  const header = [...FIRST_COLUMNS, ...Array.from({ length: width }, (_, index) => `c${index}`)];
  const sorted = rows.toSorted(compareRows);
  const wrong = sorted.find((row, index) => !STEM.test(row.stem) || compareRows(sorted[index - 1], row) === 0);
  if (wrong !== undefined)
    throw new RangeError(`a table has one row for each stem in a pipeline, and "${wrong.stem}" is none or has two`);
  const lines = [countRow(rows.length), ...sorted].map(({ stem, pipeline, mark, skip, about, cells }) =>
    line([
      stem,
      pipeline,
      mark,
      skip === undefined ? '' : JSON.stringify(skip),
      about,
      ...cells,
      ...Array<string>(width - cells.length).fill(''),
    ]),
  );
  return `${[header.join(','), ...lines].join('\n')}\n`;
};

/** As file names begin with it: no dot, which ends it there. */
const STEM = /^[^.]+$/;

/** A stem holds no dot, so no log file asks for this row. A table that was cut off at the end of a line shows by it. */
const COUNT_STEM = '.tasks';

const countRow = (count: number): Row => ({
  stem: COUNT_STEM,
  pipeline: '',
  mark: `${count} tasks`,
  about: '',
  cells: [],
});

const compareRows = (one: Row | undefined, other: Row): number =>
  compare(one?.stem ?? '', other.stem) || compare(one?.pipeline ?? '', other.pipeline);

const line = (cells: readonly string[]): string => cells.map(quoted).join(',');

const quoted = (text: string): string => {
  if (!text.isWellFormed()) throw new RangeError('a cell holds half of a surrogate pair, which no UTF-8 text can hold');
  return `"${text.replaceAll('"', '""')}"`;
};

/**
 * The rows of a table that `tableText` wrote; each as wide as the table, so that a narrower one has empty cells at its end.
 * `fault` for any other text: one that is cut off, or another's.
 */
export const readTable = (text: string): { rows: Row[] } | { fault: string } => {
  const [header, body] = [text.slice(0, text.indexOf('\n')), text.slice(text.indexOf('\n') + 1)];
  const width = header.split(',').length - FIRST_COLUMNS.length;
  const expected = [...FIRST_COLUMNS, ...Array.from({ length: Math.max(1, width) }, (_, index) => `c${index}`)];
  if (header !== expected.join(',')) return { fault: 'its first line is no header of a table of tasks' };
  const lines = readLines(body);
  if (lines === undefined) return { fault: 'it is cut off, or holds what nvl does not write' };
  const rows = lines.map(([stem = '', pipeline = '', mark = '', skip = '', about = '', ...cells]): Row => {
    const left = skip === '' ? {} : { skip: readSkip(skip) };
    return { stem, pipeline, mark, ...left, about, cells };
  });
  if (rows.some(({ cells }) => cells.length !== width))
    return { fault: 'a row of it has another width than its header' };
  const [counted, ...tasks] = rows;
  if (counted?.stem !== COUNT_STEM || counted.mark !== countRow(tasks.length).mark)
    return { fault: `it holds ${tasks.length} tasks, and says otherwise` };
  const isSorted = tasks.every((row, index) => index === 0 || compareRows(tasks[index - 1], row) < 0);
  return isSorted ? { rows: tasks } : { fault: 'its rows are not in the order of their stems' };
};

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
