/**
 * A line of CSV whose cells are all quoted, so that Vector's reader changes nothing.
 *
 * @throws RangeError for half a surrogate pair, which no UTF-8 text can hold.
 */
export const csvLine = (cells: readonly string[]): string => cells.map(quoted).join(',');

const quoted = (text: string): string => {
  if (!text.isWellFormed()) throw new RangeError('a cell holds half of a surrogate pair, which no UTF-8 text can hold');
  return `"${text.replaceAll('"', '""')}"`;
};

/** The cells of each line, as Vector's reader has them: quoted or plain, with any of the usual ends of lines. Pure. */
export const parseCsv = (text: string): string[][] => {
  const lines: string[][] = [];
  let cells: string[] = [];
  for (const [, quotes, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    if (end === '' && quotes === undefined && plain === '' && cells.length === 0) break;
    cells.push(quotes?.replaceAll('""', '"') ?? plain ?? '');
    if (end === ',') continue;
    lines.push(cells);
    cells = [];
    if (end === '') break;
  }
  return lines;
};
